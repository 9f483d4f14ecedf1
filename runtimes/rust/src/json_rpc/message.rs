//! The message in the body of a POST.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    code,
    token::{MessageId, member},
};
use crate::failure::{Category, RequestRefused};

/// Deeper nesting is no message: code that follows the nesting would run out of stack.
const MAX_NESTING: usize = 500;

/// A request of a caller.
#[derive(Clone, Debug)]
pub struct RequestMessage {
    pub id: MessageId,
    pub method: String,
    pub params: Option<Box<RawValue>>,
    /// `params._meta.progressToken` as it was written (MCP-7).
    pub progress_token: Option<Box<RawValue>>,
}

/// A notification of a caller.
#[derive(Clone, Debug)]
pub struct NotificationMessage {
    pub method: String,
    pub params: Option<Box<RawValue>>,
}

impl NotificationMessage {
    /// The request that `notifications/cancelled` names (DEADLINE-3).
    pub fn cancelled_request(&self) -> Option<MessageId> {
        if self.method != "notifications/cancelled" {
            return None;
        }
        MessageId::from_token(member(self.params.as_deref()?, "requestId")?)
    }
}

/// A response to a request of the server.
#[derive(Clone, Debug)]
pub struct ResponseMessage {
    pub id: MessageId,
    pub outcome: Result<Box<RawValue>, Box<RawValue>>,
}

/// A JSON-RPC message as a caller may send it.
#[derive(Clone, Debug)]
pub enum Incoming {
    Request(RequestMessage),
    Notification(NotificationMessage),
    Response(ResponseMessage),
}

/// Reads the body of a POST: one JSON-RPC 2.0 message.
///
/// # Errors
/// 400 with -32700 for an empty body, one that is not UTF-8 or not JSON (JSONRPC-4, -5); with -32600 for a batch
/// (JSONRPC-6) and for JSON that is no JSON-RPC message (JSONRPC-7).
pub fn parse(body: &[u8]) -> Result<Incoming, RequestRefused> {
    if body.is_empty() {
        return Err(parse_error("The body is empty: a JSON-RPC message is expected"));
    }
    let text = std::str::from_utf8(body).map_err(|_| parse_error("The body is not UTF-8"))?;
    let value: &RawValue = serde_json::from_str(text).map_err(|_| parse_error("The body is not JSON"))?;
    match value.get().as_bytes().first() {
        Some(b'{') => read(value),
        Some(b'[') => Err(invalid(
            "A batch is not accepted: send one message a request",
            None,
        )),
        _ => Err(invalid("The body is not a JSON object", None)),
    }
}

fn parse_error(message: &'static str) -> RequestRefused {
    RequestRefused::new(Category::InvalidArgument, "parse_error", message).rpc_code(code::PARSE_ERROR)
}

fn invalid(message: impl Into<String>, id: Option<&MessageId>) -> RequestRefused {
    RequestRefused::new(Category::InvalidArgument, "invalid_request", message)
        .rpc_code(code::INVALID_REQUEST)
        .answering(id)
}

fn read(value: &RawValue) -> Result<Incoming, RequestRefused> {
    let members: Members<'_> =
        serde_json::from_str(value.get()).map_err(|_| parse_error("The body is not JSON"))?;
    let id = members.id.and_then(MessageId::from_token);
    let refuse = |message| Err(invalid(message, id.as_ref()));
    if members
        .jsonrpc
        .and_then(text_of)
        .is_none_or(|version| version != "2.0")
    {
        return refuse("The member jsonrpc is not \"2.0\"");
    }
    if members.id.is_some() && id.is_none() {
        return refuse("The member id is neither a string nor a number");
    }
    if is_nested_deeper(value.get(), MAX_NESTING) {
        return refuse("Nested too deep: 500 levels are possible");
    }
    let is_response = members.result.is_some() || members.error.is_some();
    if !is_response {
        return members.into_call(id);
    }
    if members.method.is_some() {
        return refuse("A message is either a request or a response");
    }
    let outcome = match (members.result, members.error) {
        (Some(result), None) => Ok(result.to_owned()),
        (None, Some(error)) => Err(error.to_owned()),
        _ => return refuse("A response has either the member result or the member error"),
    };
    match id {
        Some(id) => Ok(Incoming::Response(ResponseMessage { id, outcome })),
        None => refuse("A response needs an id"),
    }
}

fn text_of(value: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str(value.get()).ok()
}

/// The members of a message that mean something; of equal names the last counts.
#[derive(Default)]
struct Members<'a> {
    jsonrpc: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    method: Option<&'a RawValue>,
    params: Option<&'a RawValue>,
    result: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl Members<'_> {
    fn into_call(self, id: Option<MessageId>) -> Result<Incoming, RequestRefused> {
        let Some(method) = self.method.and_then(text_of) else {
            return Err(invalid("The member method is not a string", id.as_ref()));
        };
        if self
            .params
            .is_some_and(|params| !params.get().starts_with(['{', '[']))
        {
            let message = "The member params is neither an object nor an array";
            return Err(invalid(message, id.as_ref()));
        }
        let method = method.into_owned();
        let params = self.params.map(ToOwned::to_owned);
        let Some(id) = id else {
            return Ok(Incoming::Notification(NotificationMessage { method, params }));
        };
        let progress_token = self
            .params
            .and_then(|params| member(params, "_meta"))
            .and_then(|meta| member(meta, "progressToken"))
            .map(ToOwned::to_owned);
        Ok(Incoming::Request(RequestMessage {
            id,
            method,
            params,
            progress_token,
        }))
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Name {
    Jsonrpc,
    Id,
    Method,
    Params,
    Result,
    Error,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON-RPC message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::default();
        while let Some(name) = map.next_key()? {
            let place = match name {
                Name::Jsonrpc => &mut members.jsonrpc,
                Name::Id => &mut members.id,
                Name::Method => &mut members.method,
                Name::Params => &mut members.params,
                Name::Result => &mut members.result,
                Name::Error => &mut members.error,
                Name::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            // Through the value itself: an Option would take null for absent.
            *place = Some(map.next_value::<&RawValue>()?);
        }
        Ok(members)
    }
}

/// Whether objects and arrays of valid JSON are nested deeper than a limit.
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

    fn refusal(body: &str) -> Value {
        let refused = parse(body.as_bytes()).expect_err(body);
        assert_eq!(refused.http_status(), 400);
        let body: Value = serde_json::from_str(&refused.body()).unwrap();
        json!([body["error"]["code"], body["id"]])
    }

    #[test]
    fn what_is_not_json_is_a_parse_error() {
        for body in ["", "{", "\u{feff}{}", "nul", "{\"a\":1,}"] {
            assert_eq!(refusal(body), json!([-32700, null]), "{body}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn json_that_is_no_message_is_an_invalid_request() {
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
    fn nesting_has_a_limit() {
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
    fn a_request_keeps_the_tokens_of_its_caller() {
        let body = r#"{"jsonrpc":"2.0","id":9007199254740993,"method":"tools\/call",
            "params":{"_meta":{"progressToken":1.50}},"id":2.0}"#;
        let Ok(Incoming::Request(request)) = parse(body.as_bytes()) else {
            panic!("no request");
        };
        assert_eq!(request.id.token().get(), "2.0");
        assert_eq!(request.method, "tools/call");
        assert_eq!(request.progress_token.unwrap().get(), "1.50");
    }

    #[test]
    fn a_cancellation_names_its_request() {
        let body = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#;
        let Ok(Incoming::Notification(notification)) = parse(body.as_bytes()) else {
            panic!("no notification");
        };
        assert_eq!(notification.cancelled_request().unwrap().token().get(), "7");
    }

    #[test]
    fn a_response_may_have_a_null_result() {
        let body = r#"{"jsonrpc":"2.0","id":0,"result":null}"#;
        let Ok(Incoming::Response(response)) = parse(body.as_bytes()) else {
            panic!("no response");
        };
        assert_eq!(response.outcome.unwrap().get(), "null");
    }
}
