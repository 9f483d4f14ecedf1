//! Identifies callers with damaged auth contexts.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::Value;

use super::*;

const CLAIMS: &[&str] = &[
    r#"{"email":"a","is_authenticated":true,"teams":null,"is_admin":true}"#,
    r#"{"email":"","is_authenticated":true,"email":"b","scoped_permissions":["c"]}"#,
    r#"{"is_authenticated":false,"email":"a","teams":[null]}"#,
];
const FRAGMENTS: &[&str] = &[
    "", "null", "true", "\"", ",", "{", "}", "[", "\0", "\u{feff}", "\\u0061", "1",
];

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), select(FRAGMENTS), 0..5_usize);
    let damaged = (select(CLAIMS), vec(change, 0..4)).prop_map(|(claims, changes)| {
        changes
            .iter()
            .fold(claims.as_bytes().to_vec(), |mut text, (at, fragment, removed)| {
                let start = at.index(text.len() + 1);
                let end = (start + removed).min(text.len());
                text.splice(start..end, fragment.bytes());
                text
            })
    });
    prop_oneof![4 => damaged, 1 => vec(any::<u8>(), 0..40)]
}

fn context(encoded: String) -> McpAuthContext {
    McpAuthContext {
        encoded,
        ..McpAuthContext::default()
    }
}

proptest! {
    #[test]
    fn only_an_authenticated_email_makes_a_caller_known(text in texts()) {
        match identify(Some(&context(BASE64_URL_SAFE_NO_PAD.encode(&text)))) {
            Err(refused) => prop_assert_eq!(refused.http_status(), 401),
            Ok(Caller::Anonymous) => {}
            Ok(Caller::Known { email, claims }) => {
                let value: Value = serde_json::from_slice(&text).unwrap_or_default();
                prop_assert_eq!(&value["is_authenticated"], true);
                prop_assert_eq!(&value["email"], &Value::String(email));
                prop_assert_eq!(claims.is_admin, value["is_admin"] == true);
            }
        }
    }

    #[test]
    fn text_that_is_not_base64url_is_refused(encoded in "\\PC*") {
        if let Ok(caller) = identify(Some(&context(encoded.clone()))) {
            let decoded = BASE64_URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('='));
            prop_assert!(decoded.is_ok_and(|text| serde_json::from_slice::<Value>(&text).is_ok()), "{caller:?}");
        }
    }
}
