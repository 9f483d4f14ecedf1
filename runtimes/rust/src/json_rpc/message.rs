//! Parses the JSON-RPC message in the body of a POST.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    code,
    token::{MessageId, member, members},
};

/// The maximum nesting of a message. In a message with deeper nesting, recursive code could overflow the stack.
const MAX_NESTING: usize = 500;

/// The maximum number of members of one object (LIMIT-5). A member costs decoders much more than its bytes.
const MAX_MEMBERS: usize = 10_000;

/// A request from a caller.
#[derive(Clone, Debug)]
pub struct RequestMessage {
    pub id: MessageId,
    pub method: String,
    pub params: Option<Box<RawValue>>,
    /// The verbatim `params._meta.progressToken` (MCP-7).
    pub progress_token: Option<Box<RawValue>>,
}

/// A notification from a caller.
#[derive(Clone, Debug)]
pub struct NotificationMessage {
    pub method: String,
    pub params: Option<Box<RawValue>>,
}

impl NotificationMessage {
    /// Returns the id of the request that `notifications/cancelled` cancels (DEADLINE-3).
    pub fn cancelled_request(&self) -> Option<MessageId> {
        if self.method != "notifications/cancelled" {
            return None;
        }
        MessageId::from_token(member(self.params.as_deref()?, "requestId")?)
    }
}

/// A response from a caller to a server request.
#[derive(Clone, Debug)]
pub struct ResponseMessage {
    pub id: MessageId,
    pub outcome: Result<Box<RawValue>, Box<RawValue>>,
}

/// A JSON-RPC message that a caller may send.
#[derive(Clone, Debug)]
pub enum Incoming {
    Request(RequestMessage),
    Notification(NotificationMessage),
    Response(ResponseMessage),
}

/// The error for a body that is not a JSON-RPC message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    pub rpc_code: i32,
    pub message: &'static str,
    /// The id of the message, if it has a valid one.
    pub id: Option<MessageId>,
}

/// Parses the body of a POST as one JSON-RPC 2.0 message.
///
/// # Errors
/// Fails with -32700 if the body is empty, not UTF-8 or not JSON (JSONRPC-4, -5). Fails with -32600 for a batch
/// (JSONRPC-6), and for JSON that is not a JSON-RPC message (JSONRPC-7).
pub fn parse(body: &[u8]) -> Result<Incoming, Malformed> {
    if body.is_empty() {
        return Err(parse_error("The body is empty: send one JSON-RPC message"));
    }
    if has_wider_object(body, MAX_MEMBERS) {
        return Err(invalid(None, "An object of the message has too many members"));
    }
    let text = std::str::from_utf8(body).map_err(|_| parse_error("The body is not UTF-8"))?;
    let value: &RawValue = serde_json::from_str(text).map_err(|_| parse_error("The body is not JSON"))?;
    match value.get().as_bytes().first() {
        Some(b'{') => read(value),
        Some(b'[') => Err(invalid(
            None,
            "Batches are not supported: send one message per request",
        )),
        _ => Err(invalid(None, "The body is not a JSON object")),
    }
}

fn parse_error(message: &'static str) -> Malformed {
    Malformed {
        rpc_code: code::PARSE_ERROR,
        message,
        id: None,
    }
}

fn invalid(id: Option<MessageId>, message: &'static str) -> Malformed {
    Malformed {
        rpc_code: code::INVALID_REQUEST,
        message,
        id,
    }
}

fn read(value: &RawValue) -> Result<Incoming, Malformed> {
    let names = ["jsonrpc", "id", "method", "params", "result", "error"];
    let Some([version, token, method, params, result, error]) = members(value, names) else {
        return Err(parse_error("The body is not JSON"));
    };
    let id = token.and_then(MessageId::from_token);
    let fault = if version.and_then(text_of).is_none_or(|version| version != "2.0") {
        Some("The member jsonrpc is not \"2.0\"")
    } else if token.is_some() && id.is_none() {
        Some("The member id is neither a string nor a number")
    } else if is_nested_deeper(value.get(), MAX_NESTING) {
        Some("The message is nested deeper than 500 levels")
    } else if method.is_some() && (result.is_some() || error.is_some()) {
        Some("A message cannot be both a request and a response")
    } else {
        None
    };
    if let Some(fault) = fault {
        return Err(invalid(id, fault));
    }
    let outcome = match (result, error) {
        (None, None) => return read_call(id, method, params),
        (Some(result), None) => Ok(result.to_owned()),
        (None, Some(error)) => Err(error.to_owned()),
        (Some(_), Some(_)) => return Err(invalid(id, "A response cannot have both result and error")),
    };
    match id {
        Some(id) => Ok(Incoming::Response(ResponseMessage { id, outcome })),
        None => Err(invalid(None, "A response needs an id")),
    }
}

fn read_call(
    id: Option<MessageId>,
    method: Option<&RawValue>,
    params: Option<&RawValue>,
) -> Result<Incoming, Malformed> {
    let Some(method) = method.and_then(text_of) else {
        return Err(invalid(id, "The member method is not a string"));
    };
    if params.is_some_and(|params| !params.get().starts_with(['{', '['])) {
        return Err(invalid(id, "The member params is neither an object nor an array"));
    }
    let method = method.into_owned();
    let owned_params = params.map(ToOwned::to_owned);
    Ok(match id {
        None => Incoming::Notification(NotificationMessage {
            method,
            params: owned_params,
        }),
        Some(id) => Incoming::Request(RequestMessage {
            id,
            method,
            params: owned_params,
            progress_token: params
                .and_then(|params| member(params, "_meta"))
                .and_then(|meta| member(meta, "progressToken"))
                .map(ToOwned::to_owned),
        }),
    })
}

fn text_of(value: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str(value.get()).ok()
}

/// Returns whether valid JSON nests objects and arrays deeper than `limit`.
fn is_nested_deeper(json: &str, limit: usize) -> bool {
    let mut depth = 0;
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    false
}

/// Returns whether an object has more than `limit` members. The text need not be valid JSON.
fn has_wider_object(text: &[u8], limit: usize) -> bool {
    let mut outer = Vec::new();
    let mut members = 0;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b':' => {
                members += 1;
                if members > limit {
                    return true;
                }
            }
            b'{' => outer.push(std::mem::take(&mut members)),
            b'}' => members = outer.pop().unwrap_or_default(),
            _ => {}
        }
    }
    false
}

fn skip_string(bytes: &mut impl Iterator<Item = u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_members_of_each_object_are_counted() {
        for (text, widest) in [
            (r#"{"a":1,"b":2,"c":3}"#, 3),
            (r#"{"a":{"b":1,"c":2},"d":{"e":1,"f":2,"g":{}}}"#, 3),
            (r#"[{"a":1},{"a":1},{"a":1}]"#, 1),
            (r#"{"a:b":":{::"}"#, 1),
            (r#"{"a\\":"\":{:","b":1}"#, 2),
            (r#"}}{"a":1"#, 1),
        ] {
            assert!(!has_wider_object(text.as_bytes(), widest), "{text}");
            assert!(has_wider_object(text.as_bytes(), widest - 1), "{text}");
        }
    }

    fn refusal(body: &str) -> Value {
        let malformed = parse(body.as_bytes()).expect_err(body);
        json!([malformed.rpc_code, malformed.id.as_ref().map(MessageId::token)])
    }

    #[test]
    fn a_body_that_is_not_json_is_a_parse_error() {
        for body in ["", "{", "\u{feff}{}", "nul", "{\"a\":1,}"] {
            assert_eq!(refusal(body), json!([-32700, null]), "{body}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn json_that_is_not_a_message_is_an_invalid_request() {
        for (body, id) in [
            ("[]", json!(null)),
            ("1", json!(null)),
            (r#"{"id":3,"method":"ping"}"#, json!(3)),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, json!(null)),
            (
                r#"{"jsonrpc":"2.0","id":"a","method":"ping","params":1}"#,
                json!("a"),
            ),
            (
                r#"{"jsonrpc":"2.0","id":"a","method":"ping","params":null}"#,
                json!("a"),
            ),
            (r#"{"jsonrpc":"2.0","id":"a","method":7}"#, json!("a")),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
                json!(1),
            ),
            (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, json!(1)),
            (r#"{"jsonrpc":"2.0","result":{}}"#, json!(null)),
        ] {
            assert_eq!(refusal(body), json!([-32600, id]), "{body}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let message = |levels: usize| {
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{}{}}}"#,
                "[".repeat(levels - 1),
                "]".repeat(levels - 1)
            )
        };
        assert!(parse(message(500).as_bytes()).is_ok());
        assert_eq!(refusal(&message(501)), json!([-32600, 1]));
        assert_eq!(refusal(&message(100_000)), json!([-32600, 1]));
    }

    #[test]
    fn a_request_keeps_the_callers_tokens() {
        let body = r#"{"jsonrpc":"2.0","id":9007199254740993,"method":"tools\/call",
            "params":{"_meta":{"progressToken":1.50}},"id":2.0}"#;
        let Ok(Incoming::Request(request)) = parse(body.as_bytes()) else {
            panic!("not a request");
        };
        assert_eq!(request.id.token().get(), "2.0");
        assert_eq!(request.method, "tools/call");
        assert_eq!(request.progress_token.unwrap().get(), "1.50");
    }

    #[test]
    fn a_cancellation_names_its_request() {
        let body = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#;
        let Ok(Incoming::Notification(notification)) = parse(body.as_bytes()) else {
            panic!("not a notification");
        };
        assert_eq!(notification.cancelled_request().unwrap().token().get(), "7");
    }

    #[test]
    fn a_response_may_have_a_null_result() {
        let body = r#"{"jsonrpc":"2.0","id":0,"result":null}"#;
        let Ok(Incoming::Response(response)) = parse(body.as_bytes()) else {
            panic!("not a response");
        };
        assert_eq!(response.outcome.unwrap().get(), "null");
    }
}
