//! HTTP responses.

use std::collections::HashMap;

use bytes::Bytes;

use crate::{failure::RequestRefused, proto::McpResponse};

/// An HTTP response, which converts to `McpResponse`.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names are lower-case and unique (HEADER-2).
    pub headers: HashMap<String, String>,
    pub body: Bytes,
}

impl Answer {
    /// Creates an answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: HashMap::new(),
            body: Bytes::new(),
        }
    }

    /// Creates an answer with a JSON body.
    pub fn json(status: u16, text: String) -> Self {
        Self::with_body(status, "application/json", text.into())
    }

    /// Creates an answer whose body is a complete SSE stream (JSONRPC-10).
    pub fn events(text: Bytes) -> Self {
        Self::with_body(200, "text/event-stream", text)
    }

    fn with_body(status: u16, media_type: &str, body: Bytes) -> Self {
        Self {
            body,
            ..Self::empty(status).header("content-type", media_type)
        }
    }

    /// Adds a header field, whose name must be lower-case.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// Converts a refusal to an answer (ERROR-2).
impl From<&RequestRefused> for Answer {
    fn from(refused: &RequestRefused) -> Self {
        Self::json(refused.http_status(), refused.body())
    }
}

impl From<Answer> for McpResponse {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.status.into(),
            headers: answer.headers,
            body: answer.body,
        }
    }
}
