//! JSON-RPC 2.0 with verbatim ids (JSONRPC-2).

#[cfg(test)]
mod fuzz;
mod message;
mod token;

use serde::Serialize;
use serde_json::{Value, value::RawValue};

pub use message::{Incoming, Malformed, NotificationMessage, RequestMessage, ResponseMessage, parse};
pub use token::{MessageId, member, members, read};

/// The error codes of JSON-RPC 2.0 and MCP that this runtime uses.
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
    pub const HEADER_MISMATCH: i32 = -32020;
    pub const MISSING_CAPABILITY: i32 = -32021;
    pub const UNSUPPORTED_REVISION: i32 = -32022;
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

/// Writes an error response. Without an id, the `id` of the response is null.
pub fn error_response(id: Option<&MessageId>, error: &ErrorObject<'_>) -> String {
    write(&Response::<()> {
        jsonrpc: "2.0",
        id: id.map(MessageId::token),
        result: None,
        error: Some(error),
    })
}

/// Writes an error response without the member `id`.
pub fn error_without_id(error: &ErrorObject<'_>) -> String {
    format!(r#"{{"jsonrpc":"2.0","error":{}}}"#, write(error))
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Progress<'a> {
    progress_token: &'a RawValue,
    progress: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// Writes a progress notification with a verbatim progress token (MCP-7).
pub fn progress_notification(
    progress_token: &RawValue,
    progress: f64,
    total: Option<f64>,
    message: Option<&str>,
) -> String {
    let params = write(&Progress {
        progress_token,
        progress,
        total,
        message,
    });
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{params}}}"#)
}

/// Writes a message as JSON.
///
/// # Panics
/// Panics if the message cannot be serialized as JSON. All messages of this crate and of the SDK can.
pub fn write(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("a message is always valid JSON")
}
