//! Header fields of requests.

use std::collections::HashMap;

use serde_json::json;

use crate::{
    failure::{CallRefused, RequestRefused},
    json_rpc::code,
    revision,
};

/// The header values of a request, keyed by lower-case name, without the fields that the runtime must ignore.
#[derive(Clone, Debug, Default)]
pub struct Headers(HashMap<String, String>);

impl Headers {
    /// Checks and normalizes the header fields of a request. Names are case-insensitive.
    ///
    /// # Errors
    /// Fails with `INVALID_ARGUMENT` if a name is not a token, a value contains anything but visible ASCII, space and
    /// tab (HEADER-4), or two names differ only in case (HEADER-3).
    pub fn read(fields: HashMap<String, String>) -> Result<Self, CallRefused> {
        for (name, value) in &fields {
            if name.is_empty() || !name.bytes().all(is_token_byte) {
                return Err(CallRefused::invalid("headers: a name is not an RFC 9110 token"));
            }
            if !value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
                return Err(CallRefused::invalid(format!(
                    "headers: the value of {} is not visible ASCII",
                    name.to_ascii_lowercase()
                )));
            }
        }
        let mut headers = in_lower_case(fields)?;
        headers.retain(|name, _| !is_ignored(name));
        Ok(Self(headers))
    }

    /// Returns the value of a field without white space around it. The name must be lower-case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim_matches([' ', '\t']))
    }

    /// Returns the id of the last event that the reader received (RESUME-2).
    pub fn last_event_id(&self) -> Option<&str> {
        self.0.get("last-event-id").map(String::as_str)
    }

    /// Checks `mcp-protocol-version`, which is optional (INIT-7).
    ///
    /// # Errors
    /// Fails with 400 if the revision is not supported (INIT-6).
    pub fn check_protocol_version(&self) -> Result<(), RequestRefused> {
        let Some(revision) = self.0.get("mcp-protocol-version") else {
            return Ok(());
        };
        if revision::SUPPORTED.contains(&revision.as_str()) {
            return Ok(());
        }
        let message = format!(
            "mcp-protocol-version: not supported; the supported revisions are {}",
            revision::SUPPORTED.join(", ")
        );
        Err(RequestRefused::invalid("protocol_version_not_served", message)
            .rpc_code(code::SERVER_ERROR)
            .detail("supported", json!(revision::SUPPORTED)))
    }
}

/// Returns fields with lower-case names. Most gateways send such names, which are distinct already.
fn in_lower_case(fields: HashMap<String, String>) -> Result<HashMap<String, String>, CallRefused> {
    let is_lower = |name: &String| !name.bytes().any(|byte| byte.is_ascii_uppercase());
    if fields.keys().all(is_lower) {
        return Ok(fields);
    }
    let mut lower = HashMap::with_capacity(fields.len());
    for (mut name, value) in fields {
        name.make_ascii_lowercase();
        if lower.contains_key(&name) {
            return Err(CallRefused::invalid(format!(
                "headers: {name} occurs twice with different case"
            )));
        }
        lower.insert(name, value);
    }
    Ok(lower)
}

/// Returns whether a field has no effect: it is internal (HEADER-5), or `session_id` replaces it (SESSION-7).
fn is_ignored(name: &str) -> bool {
    name.starts_with("x-contextforge-")
        || matches!(
            name,
            "mcp-session-id" | "x-mcp-session-id" | "x-forwarded-internally" | "x-original-worker"
        )
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> Result<Headers, CallRefused> {
        Headers::read(
            fields
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    #[test]
    fn names_are_case_insensitive() {
        let headers = read(&[("Last-Event-ID", "a\tb")]).unwrap();
        assert_eq!(headers.last_event_id(), Some("a\tb"));
        assert_eq!(read(&[("A", " b\t")]).unwrap().get("a"), Some("b"));
    }

    #[test]
    fn invalid_fields_are_refused() {
        for fields in [
            &[("", "a")][..],
            &[("a b", "a")],
            &[("a:", "a")],
            &[("ä", "a")],
            &[("a", "ä")],
            &[("a", "b\r\nc: d")],
            &[("a", "\u{7f}")],
            &[("a", "1"), ("A", "1")],
        ] {
            assert!(read(fields).is_err(), "{fields:?}");
        }
    }

    #[test]
    fn internal_fields_are_dropped() {
        let headers = read(&[
            ("X-ContextForge-Auth", "a"),
            ("Mcp-Session-Id", "a"),
            ("x-mcp-session-id", "a"),
            ("x-forwarded-internally", "true"),
            ("x-original-worker", "a"),
            ("accept", "a"),
        ])
        .unwrap();
        assert_eq!(headers.0.len(), 1);
    }

    #[test]
    fn the_protocol_version_must_be_supported() {
        assert!(read(&[]).unwrap().check_protocol_version().is_ok());
        assert!(
            read(&[("MCP-Protocol-Version", "2025-06-18")])
                .unwrap()
                .check_protocol_version()
                .is_ok()
        );
        let refused = read(&[("mcp-protocol-version", "1999-01-01")])
            .unwrap()
            .check_protocol_version()
            .unwrap_err();
        assert_eq!(refused.http_status(), 400);
        assert!(refused.body().contains(r#""supported":["2025-11-25""#));
    }
}
