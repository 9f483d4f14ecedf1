//! A stream that answers one call.

use std::collections::HashMap;

use super::EventReader;

/// The request whose messages a stream carries. Dropping it cancels the request.
pub trait HeldRequest: Send {
    /// Lets the request outlive its stream.
    fn release(self: Box<Self>);
}

/// An open stream. Dropping this value before the normal end of the stream cancels its request (POST-5).
pub struct OpenStream {
    /// The headers of the response, whose status is 200 (HEAD-1, HEAD-2).
    pub headers: HashMap<String, String>,
    pub reader: EventReader,
    request: Option<Box<dyn HeldRequest>>,
}

impl OpenStream {
    pub fn new(reader: EventReader) -> Self {
        let media_type = ("content-type".to_owned(), "text/event-stream".to_owned());
        Self {
            headers: HashMap::from([media_type]),
            reader,
            request: None,
        }
    }

    /// Adds a header field, whose name must be lower-case.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Ties a request to the stream.
    pub fn hold(&mut self, request: impl HeldRequest + 'static) {
        self.request = Some(Box::new(request));
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        if let Some(request) = self.request.take()
            && self.reader.has_ended()
        {
            request.release();
        }
    }
}
