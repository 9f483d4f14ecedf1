//! JSON-RPC 2.0 as the contract wants it: ids keep the token that they came with (JSONRPC-2).

mod message;
mod token;

use serde::Serialize;
use serde_json::{Value, value::RawValue};

pub use message::{Incoming, NotificationMessage, RequestMessage, ResponseMessage, parse};
pub use token::{MessageId, member};

/// The codes of JSON-RPC 2.0 and MCP that this runtime uses.
pub mod code {
    pub const PARSE_ERROR: i32 = -32700;
    pub const INVALID_REQUEST: i32 = -32600;
    pub const METHOD_NOT_FOUND: i32 = -32601;
    pub const INVALID_PARAMS: i32 = -32602;
    pub const INTERNAL_ERROR: i32 = -32603;
    pub const SERVER_ERROR: i32 = -32000;
    pub const SESSION_NOT_FOUND: i32 = -32001;
    pub const RESOURCE_NOT_FOUND: i32 = -32002;
    pub const REQUEST_CANCELLED: i32 = -32800;
}

/// The error of a JSON-RPC response.
#[derive(Serialize)]
pub struct ErrorObject<'a> {
    pub code: i32,
    pub message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

#[derive(Serialize)]
struct Response<'a, Result> {
    jsonrpc: &'static str,
    id: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Result>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a ErrorObject<'a>>,
}

/// Writes an error response, to nobody in particular without an id.
pub fn error_response(id: Option<&MessageId>, error: &ErrorObject<'_>) -> String {
    write(&Response::<()> {
        jsonrpc: "2.0",
        id: id.map(MessageId::token),
        result: None,
        error: Some(error),
    })
}

/// Writes a result response.
pub fn result_response(id: &MessageId, result: &impl Serialize) -> String {
    write(&Response {
        jsonrpc: "2.0",
        id: Some(id.token()),
        result: Some(result),
        error: None,
    })
}

/// Writes a message.
///
/// # Panics
/// Where a type cannot be written as JSON, which none of ours and none of the SDK's does.
pub fn write(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("messages can be written as JSON")
}
