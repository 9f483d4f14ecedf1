//! Reads arbitrary request messages.

use proptest::{collection::hash_map, prelude::*, sample::select};
use prost::Message;

use super::*;
use crate::proto::McpRequest;

const TEXTS: &[&str] = &[
    "POST",
    "GET",
    "/mcp",
    "/servers/../mcp",
    "/servers/a/mcp/",
    "Accept",
    "accept",
    "X-ContextForge-Auth",
    "a\r\nb: c",
    "\t~",
    "\u{85}",
    "",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![2 => select(TEXTS).prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

proptest! {
    #[test]
    fn what_is_accepted_is_safe_to_use(
        (method, path, session_id, server_id) in (text(), text(), text(), text()),
        headers in hash_map(text(), text(), 0..5),
    ) {
        let request = McpRequest { method, path, session_id, server_id, headers, ..McpRequest::default() };
        let decoded = McpRequest::decode(request.encode_to_vec().as_slice()).expect("an encoded message");
        if let Ok(call) = Call::read(&[Method::Post, Method::Get], decoded) {
            for text in [&call.path, &call.session_id, &call.server_id] {
                prop_assert!(!text.contains(char::is_control), "{text:?}");
            }
            for name in ["Accept", "x-contextforge-auth", "X-ContextForge-Auth", ""] {
                prop_assert_eq!(call.headers.get(name), None);
            }
            prop_assert!(call.headers.get("accept").is_none_or(|value| !value.contains(['\r', '\n', '\0'])));
            prop_assert!(!call.is_for_endpoint() || !call.path.contains("/../"));
        }
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(request) = McpRequest::decode(bytes.as_slice()) {
            let _ = Call::read(&[Method::Post], request);
        }
    }
}
