//! Calls that are answered with a stream.

use std::collections::HashMap;

use super::{McpService, begin, checks::Admitted};
use crate::{
    exchange::{RequestGuard, ResponsePath},
    failure::{Category, Refusal, RequestRefused},
    http::{Call, Method},
    json_rpc::{Incoming, RequestMessage},
    stream::{EventReader, EventSink, EventStreams, Position},
};

/// The answer to `InvokeStream`.
pub enum StreamAnswer {
    /// A status without events (POST-3).
    Accepted(u16),
    Events(OpenStream),
}

/// An open stream. Dropping this value before the normal end of the stream cancels its request (POST-5).
pub struct OpenStream {
    /// The headers of the response, whose status is 200 (HEAD-1, HEAD-2).
    pub headers: HashMap<String, String>,
    pub reader: EventReader,
    request: Option<RequestGuard>,
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

impl McpService {
    /// Handles a GET or POST request that `InvokeStream` carries.
    pub async fn open_stream(&self, call: Call) -> Result<StreamAnswer, Refusal> {
        if call.method != Method::Post {
            let call = Admitted::without_body(call)?;
            return Ok(StreamAnswer::Events(self.read_stream(&call).await?));
        }
        let (call, message) = self.admit_post(call)?;
        match message {
            Incoming::Request(request) => {
                let stream = self.stream_answer(&call, &request).await?;
                Ok(StreamAnswer::Events(stream))
            }
            message => Ok(StreamAnswer::Accepted(self.deliver(&call, message).await?)),
        }
    }

    async fn stream_answer(&self, call: &Admitted, request: &RequestMessage) -> Result<OpenStream, Refusal> {
        if call.is_handshake(request) {
            return Ok(self.handshake(call, request).await?.into_stream());
        }
        let session = self.session_for(call, request)?;
        let stream = session.streams.open();
        let (sink, reader) = EventSink::new(self.limits.stream_high_water_bytes);
        session.streams.attach(Position::now(stream), sink);
        let path = ResponsePath::Streamed {
            streams: session.streams.clone(),
            stream,
        };
        let mut open = OpenStream::new(reader);
        open.request = Some(begin(&session, call, request, path).await);
        Ok(open)
    }

    /// Reads the live stream, or resumes a stream after an event.
    async fn read_stream(&self, call: &Admitted) -> Result<OpenStream, RequestRefused> {
        let session = self.session_of(call)?;
        let position = match call.call.headers.last_event_id() {
            None => Position::now(EventStreams::LIVE),
            Some(id) => session.streams.position_after(id).ok_or_else(|| {
                let message = "last-event-id: is unknown in this session, or too old";
                RequestRefused::invalid("unknown_event_id", message)
            })?,
        };
        if let Some(reader) = session.streams.reader(position.stream) {
            // The previous reader of the stream may be about to end.
            let _ = tokio::time::timeout(self.limits.takeover, reader.closed()).await;
        }
        let (sink, reader) = EventSink::new(self.limits.stream_high_water_bytes);
        if session.streams.attach(position, sink) {
            return Ok(OpenStream::new(reader));
        }
        let message = "Another call already reads the stream";
        Err(RequestRefused::new(Category::Conflict, "stream_is_open", message))
    }
}
