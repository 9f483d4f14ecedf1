//! Parses damaged messages.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, value::RawValue};

use super::*;

const MESSAGES: &[&str] = &[
    r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
    r#"{"jsonrpc":"2.0","id":"\u0061","method":"tools/call","params":{"_meta":{"progressToken":1e400}}}"#,
    r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9007199254740993}}"#,
    r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"\ud800"},"id":2}"#,
    r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
];
const FRAGMENTS: &[&str] = &[
    "",
    "\"id\":null,",
    "\"id\":{},",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    "\0",
    "\u{feff}",
    "\"method\":7,",
    "1e5",
    " ",
];

/// A message with fragments in random places, or random bytes.
pub fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), select(FRAGMENTS), 0..3_usize);
    let damaged = (select(MESSAGES), vec(change, 0..4)).prop_map(|(message, changes)| {
        changes.iter().fold(
            message.as_bytes().to_vec(),
            |mut body, (at, fragment, removed)| {
                let start = at.index(body.len() + 1);
                let end = (start + removed).min(body.len());
                body.splice(start..end, fragment.bytes());
                body
            },
        )
    });
    prop_oneof![4 => damaged, 1 => vec(any::<u8>(), 0..40)]
}

fn is_part_of(part: &RawValue, body: &[u8]) -> bool {
    let part = part.get().as_bytes();
    body.windows(part.len()).any(|window| window == part)
}

proptest! {
    #[test]
    fn a_message_consists_of_parts_of_its_body(body in bodies()) {
        let parts: Vec<Box<RawValue>> = match parse(&body) {
            Err(malformed) => {
                prop_assert!([code::PARSE_ERROR, code::INVALID_REQUEST].contains(&malformed.rpc_code));
                malformed.id.map(|id| id.token().to_owned()).into_iter().collect()
            }
            Ok(Incoming::Request(request)) => {
                [Some(request.id.token().to_owned()), request.params, request.progress_token].into_iter().flatten().collect()
            }
            Ok(Incoming::Notification(notification)) => {
                let _ = notification.cancelled_request();
                notification.params.into_iter().collect()
            }
            Ok(Incoming::Response(response)) => {
                vec![response.id.token().to_owned(), response.outcome.unwrap_or_else(|error| error)]
            }
        };
        for part in parts {
            prop_assert!(is_part_of(&part, &body), "{part}");
        }
    }

    #[test]
    fn a_body_that_is_not_a_json_object_is_refused(body in bodies()) {
        let is_object = std::str::from_utf8(&body)
            .is_ok_and(|text| serde_json::from_str::<Box<RawValue>>(text).is_ok_and(|value| value.get().starts_with('{')));
        prop_assert!(is_object || parse(&body).is_err());
    }

    #[test]
    fn a_response_is_json(id in bodies(), message in "\\PC*") {
        let id = serde_json::from_slice::<Box<RawValue>>(&id).ok().and_then(|token| MessageId::from_token(&token));
        let error = ErrorObject { code: code::INVALID_REQUEST, message: "m", data: Some(Value::String(message.clone())) };
        let response = error_response(id.as_ref(), &error);
        let read: Value = serde_json::from_str(&response).unwrap_or_default();
        prop_assert_eq!(&read["error"]["data"], &Value::String(message));
    }
}
