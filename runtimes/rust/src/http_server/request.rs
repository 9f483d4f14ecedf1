//! Converts HTTP requests to request messages.

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderMap, header::ACCEPT, request::Parts};

use crate::{
    failure::CallRefused,
    proto::{McpAuthContext, McpRequest},
};

/// The header fields that carry the typed fields of a request message (HTTP-4). The runtime trusts them, because only
/// the gateway has access to the socket (LIFE-7).
mod field {
    /// Percent-encoded UTF-8.
    pub const SERVER_ID: &str = "x-contextforge-server-id";
    pub const AUTH_CONTEXT: &str = "x-contextforge-auth-context";
    /// Decimal digits.
    pub const AUTH_EXPIRES_AT: &str = "x-contextforge-auth-expires-at";
    /// `true`, or absent.
    pub const AFFINITY_FORWARDED: &str = "x-contextforge-affinity-forwarded";
    pub const SESSION_ID: &str = "mcp-session-id";
}

/// The fields with one value, which must not be repeated.
const TYPED_FIELDS: [&str; 5] = [
    field::SERVER_ID,
    field::AUTH_CONTEXT,
    field::AUTH_EXPIRES_AT,
    field::AFFINITY_FORWARDED,
    field::SESSION_ID,
];

/// Returns whether `accept` contains the media range `text/event-stream`.
pub fn accepts_event_stream(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    values
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .filter_map(|range| range.split(|&byte| byte == b';').next())
        .any(|name| name.trim_ascii().eq_ignore_ascii_case(b"text/event-stream"))
}

/// Converts a request to a request message.
///
/// # Errors
/// Fails with `INVALID_ARGUMENT` if a typed field is repeated or invalid.
pub fn message_of(parts: &Parts, body: Bytes) -> Result<McpRequest, CallRefused> {
    for name in TYPED_FIELDS {
        if parts.headers.get_all(name).iter().count() > 1 {
            return Err(CallRefused::invalid(format!("{name}: must not be repeated")));
        }
    }
    let mut headers = HashMap::<String, String>::with_capacity(parts.headers.keys_len());
    for (name, value) in &parts.headers {
        // The checks of all transports refuse a value that is not ASCII (HEADER-4).
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|joined| {
                joined.push_str(", ");
                joined.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    Ok(McpRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body,
        server_id: server_id(&headers)?,
        auth_context: auth_context(&headers)?,
        affinity_forwarded: affinity_forwarded(&headers)?,
        session_id: headers.get(field::SESSION_ID).cloned().unwrap_or_default(),
        headers,
    })
}

fn server_id(headers: &HashMap<String, String>) -> Result<String, CallRefused> {
    let encoded = headers.get(field::SERVER_ID).map_or("", String::as_str);
    percent_decoded(encoded)
        .ok_or_else(|| CallRefused::invalid(format!("{}: must be percent-encoded UTF-8", field::SERVER_ID)))
}

fn auth_context(headers: &HashMap<String, String>) -> Result<Option<McpAuthContext>, CallRefused> {
    let expires_at_epoch_ms = match headers.get(field::AUTH_EXPIRES_AT) {
        None => 0,
        Some(digits) => Some(digits)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| {
                CallRefused::invalid(format!(
                    "{}: must consist of decimal digits",
                    field::AUTH_EXPIRES_AT
                ))
            })?,
    };
    Ok(headers.get(field::AUTH_CONTEXT).map(|encoded| McpAuthContext {
        encoded: encoded.clone(),
        expires_at_epoch_ms,
    }))
}

fn affinity_forwarded(headers: &HashMap<String, String>) -> Result<bool, CallRefused> {
    match headers.get(field::AFFINITY_FORWARDED).map(String::as_str) {
        None => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(CallRefused::invalid(format!(
            "{}: must be \"true\" or absent",
            field::AFFINITY_FORWARDED
        ))),
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first != b'%' {
            decoded.push(first);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        let mut value = 0;
        for &digit in digits {
            value = value * 16 + char::from(digit).to_digit(16)?;
        }
        decoded.push(u8::try_from(value).ok()?);
        rest = after;
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the head of a request with these fields.
    fn parts(target: &str, fields: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::post(target);
        for &(name, value) in fields {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_message_has_the_parts_of_its_request() {
        let fields = [
            ("accept", "a"),
            ("Accept", "b"),
            ("Mcp-Session-Id", "session"),
            (field::SERVER_ID, "s%C3%A9%2B+"),
            (field::AUTH_CONTEXT, "e30"),
            (field::AUTH_EXPIRES_AT, "18446744073709551615"),
            (field::AFFINITY_FORWARDED, "true"),
        ];
        let parts = parts("/servers/a%2Fb/mcp?x=%20?y", &fields);
        let message = message_of(&parts, Bytes::from_static(b"{}")).unwrap();
        assert_eq!(message.method, "POST");
        assert_eq!(message.path, "/servers/a%2Fb/mcp");
        assert_eq!(message.query, "x=%20?y");
        assert_eq!(message.body, "{}");
        assert_eq!(message.headers["accept"], "a, b");
        assert_eq!(
            (message.server_id.as_str(), message.session_id.as_str()),
            ("sé++", "session")
        );
        assert!(message.affinity_forwarded);
        let auth = message.auth_context.unwrap();
        assert_eq!(
            (auth.encoded.as_str(), auth.expires_at_epoch_ms),
            ("e30", u64::MAX)
        );
    }

    #[test]
    fn optional_parts_are_missing() {
        let message = message_of(&parts("/mcp", &[]), Bytes::new()).unwrap();
        assert_eq!(
            message,
            McpRequest {
                method: "POST".to_owned(),
                path: "/mcp".to_owned(),
                ..McpRequest::default()
            }
        );
    }

    #[test]
    fn invalid_typed_fields_are_refused() {
        let twice = |name, value| vec![(name, value), (name, value)];
        for fields in [
            vec![(field::SERVER_ID, "%")],
            vec![(field::SERVER_ID, "%f")],
            vec![(field::SERVER_ID, "%+1")],
            vec![(field::SERVER_ID, "%ff")],
            twice(field::SERVER_ID, "a"),
            twice(field::AUTH_CONTEXT, "a"),
            vec![(field::AUTH_EXPIRES_AT, "")],
            vec![(field::AUTH_EXPIRES_AT, "+1")],
            vec![(field::AUTH_EXPIRES_AT, "1e3")],
            vec![(field::AUTH_EXPIRES_AT, "18446744073709551616")],
            twice(field::AUTH_EXPIRES_AT, "1"),
            vec![(field::AFFINITY_FORWARDED, "false")],
            twice(field::AFFINITY_FORWARDED, "true"),
            twice(field::SESSION_ID, "a"),
        ] {
            let refused = message_of(&parts("/mcp", &fields), Bytes::new()).unwrap_err();
            assert!(
                refused.message.starts_with(&format!("{}: ", fields[0].0)),
                "{fields:?}: {refused}"
            );
        }
    }

    #[test]
    fn only_a_media_range_of_its_own_asks_for_a_stream() {
        let accepts = |value| accepts_event_stream(&parts("/mcp", &[("accept", value)]).headers);
        for value in ["text/event-stream", "application/json,TEXT/Event-Stream ; q=0.1"] {
            assert!(accepts(value), "{value}");
        }
        for value in [
            "",
            "*/*",
            "text/*",
            "text/event-streams",
            "application/json;text/event-stream",
        ] {
            assert!(!accepts(value), "{value}");
        }
        let two = [("accept", "application/json"), ("accept", "text/event-stream")];
        assert!(accepts_event_stream(&parts("/mcp", &two).headers));
    }
}
