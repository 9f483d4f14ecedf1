//! The failures of calls on the two layers of the contract (ERROR-1).

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use tonic::{Code, Status};

use crate::{
    json_rpc::{ErrorObject, Malformed, MessageId, code, error_response, error_without_id},
    random::random_bytes,
};

/// The categories of failures in the contract (ERROR-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    InvalidArgument,
    Unauthenticated,
    PermissionDenied,
    NotFound,
    Conflict,
    FailedPrecondition,
    RateLimited,
    Unsupported,
    Unavailable,
    UpstreamError,
    Internal,
}

impl Category {
    /// Returns the HTTP status for `McpResponse.status` and `McpChunk.error_status`.
    pub fn http_status(self) -> u16 {
        match self {
            Self::InvalidArgument | Self::FailedPrecondition => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound | Self::Unsupported => 404,
            Self::Conflict => 409,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::UpstreamError => 502,
            Self::Internal => 500,
        }
    }

    /// Returns the gRPC status.
    pub fn grpc_code(self) -> Code {
        match self {
            Self::InvalidArgument => Code::InvalidArgument,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::PermissionDenied => Code::PermissionDenied,
            Self::NotFound => Code::NotFound,
            Self::Conflict => Code::Aborted,
            Self::FailedPrecondition => Code::FailedPrecondition,
            Self::RateLimited => Code::ResourceExhausted,
            Self::Unsupported => Code::Unimplemented,
            Self::Unavailable => Code::Unavailable,
            Self::UpstreamError => Code::Unknown,
            Self::Internal => Code::Internal,
        }
    }

    /// Returns whether a retry of the same call may succeed.
    pub fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Conflict | Self::RateLimited | Self::Unavailable | Self::UpstreamError
        )
    }
}

/// The `error.data` of an error that the runtime raises (ERROR-5).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorData {
    category: Category,
    /// A stable name for the cause, in snake case.
    code: &'static str,
    retryable: bool,
    origin: &'static str,
    /// 32 hexadecimal digits that identify this occurrence.
    trace_id: String,
    /// Further members, which depend on the cause.
    #[serde(flatten)]
    details: Map<String, Value>,
}

impl ErrorData {
    /// Creates data with a fresh trace id.
    pub fn new(category: Category, code: &'static str) -> Self {
        Self {
            category,
            code,
            retryable: category.is_retryable(),
            origin: "module",
            trace_id: format!("{:032x}", u128::from_ne_bytes(random_bytes())),
            details: Map::new(),
        }
    }

    /// Adds a member.
    pub fn detail(mut self, name: &str, value: Value) -> Self {
        self.details.insert(name.to_owned(), value);
        self
    }

    /// Converts the data to JSON.
    pub fn into_value(self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// A failure on the gRPC layer: the runtime could not process the call. Its message is safe to send.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct CallRefused {
    pub category: Category,
    pub message: String,
}

impl CallRefused {
    /// The maximum length of a message in bytes. gRPC clients limit the size of trailers (ERROR-7).
    const MAX_MESSAGE_BYTES: usize = 1000;

    /// Creates a failure, and cuts a message that quotes a long value.
    pub fn new(category: Category, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > Self::MAX_MESSAGE_BYTES {
            let end = (0..=Self::MAX_MESSAGE_BYTES)
                .rev()
                .find(|&index| message.is_char_boundary(index))
                .unwrap_or_default();
            message.truncate(end);
            message.push_str("...");
        }
        Self { category, message }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Category::InvalidArgument, message)
    }
}

/// Keeps the failure as the source of the status, to distinguish our own statuses from tonic's.
impl From<CallRefused> for Status {
    fn from(refused: CallRefused) -> Self {
        let mut status = Self::new(refused.category.grpc_code(), refused.message.clone());
        status.set_source(Arc::new(refused));
        status
    }
}

/// A failure on the HTTP layer: the runtime refuses the request, but the gRPC status is OK.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct RequestRefused {
    category: Category,
    /// A stable name for the cause, in snake case.
    pub code: &'static str,
    /// A one-line message for the caller that does not reveal internals.
    message: String,
    rpc_code: i32,
    status: u16,
    id: Option<MessageId>,
    /// Whether the body has no `id` instead of an `id` of null.
    omits_null_id: bool,
    /// Further members of the data of the JSON-RPC error. Boxed, because few refusals have any.
    details: Option<Box<Map<String, Value>>>,
}

impl RequestRefused {
    pub fn new(category: Category, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            category,
            code,
            message: message.into(),
            rpc_code: code::SERVER_ERROR,
            status: category.http_status(),
            id: None,
            omits_null_id: false,
            details: None,
        }
    }

    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Category::InvalidArgument, code, message)
    }

    /// Sets the code of the JSON-RPC error in the body.
    pub fn rpc_code(mut self, rpc_code: i32) -> Self {
        self.rpc_code = rpc_code;
        self
    }

    /// Replaces the HTTP status of the category.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets the id of the refused request, unless an id is already set.
    pub fn answering(mut self, id: Option<&MessageId>) -> Self {
        if self.id.is_none() {
            self.id = id.cloned();
        }
        self
    }

    /// Adds a member to the data of the JSON-RPC error.
    pub fn detail(mut self, name: &str, value: Value) -> Self {
        let details = self.details.get_or_insert_default();
        details.insert(name.to_owned(), value);
        self
    }

    /// Changes the body to the form of the revisions without sessions: they have no `id` of null, and new servers do
    /// not use the codes from -32019 to -32000.
    pub fn in_modern_form(mut self) -> Self {
        self.omits_null_id = true;
        if self.rpc_code == code::SERVER_ERROR {
            self.rpc_code = match self.category {
                Category::RateLimited
                | Category::Unavailable
                | Category::UpstreamError
                | Category::Internal => code::INTERNAL_ERROR,
                _ => code::INVALID_REQUEST,
            };
        }
        self
    }

    pub fn http_status(&self) -> u16 {
        self.status
    }

    /// Returns the body of the answer, a JSON-RPC error response (ERROR-2, ERROR-5).
    pub fn body(&self) -> String {
        let mut data = ErrorData::new(self.category, self.code);
        if let Some(details) = &self.details {
            data.details.clone_from(details);
        }
        let error = ErrorObject {
            code: self.rpc_code,
            message: &self.message,
            data: Some(data.into_value()),
        };
        match &self.id {
            None if self.omits_null_id => error_without_id(&error),
            id => error_response(id.as_ref(), &error),
        }
    }
}

impl From<Malformed> for RequestRefused {
    fn from(malformed: Malformed) -> Self {
        let code = match malformed.rpc_code {
            code::PARSE_ERROR => "parse_error",
            _ => "invalid_request",
        };
        Self::invalid(code, malformed.message)
            .rpc_code(malformed.rpc_code)
            .answering(malformed.id.as_ref())
    }
}

/// A failure on either layer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Call(#[from] CallRefused),
    #[error(transparent)]
    Request(#[from] RequestRefused),
}

impl Refusal {
    /// Sets the id of the refused request on a refusal of the HTTP layer.
    pub fn answering(self, id: &MessageId) -> Self {
        match self {
            Self::Request(refused) => Self::Request(refused.answering(Some(id))),
            Self::Call(refused) => Self::Call(refused),
        }
    }

    /// Changes the body of a refusal of the HTTP layer to the form of the revisions without sessions.
    pub fn in_modern_form(self) -> Self {
        match self {
            Self::Request(refused) => Self::Request(refused.in_modern_form()),
            Self::Call(refused) => Self::Call(refused),
        }
    }
}

#[cfg(test)]
mod tests;
