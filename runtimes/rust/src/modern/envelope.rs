//! The metadata of a message without a session: its `_meta`, and the header fields that repeat parts of the body.
#![allow(deprecated, reason = "the revision 2026-07-28 has logging")]

use rmcp::model::{ClientCapabilities, Implementation, LoggingLevel};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    era::{REVISION, REVISION_KEY},
    header_value::{Mismatch, check_field},
};
use crate::{
    failure::RequestRefused,
    http::Headers,
    json_rpc::{MessageId, NotificationMessage, RequestMessage, code, member, members},
};

const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const CLIENT_KEY: &str = "io.modelcontextprotocol/clientInfo";
const LOG_LEVEL_KEY: &str = "io.modelcontextprotocol/logLevel";

/// The methods whose field `mcp-name` repeats a member of the params.
const NAMED: &[(&str, &str)] = &[
    ("tools/call", "name"),
    ("prompts/get", "name"),
    ("resources/read", "uri"),
];

/// The metadata of a request.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub capabilities: ClientCapabilities,
    /// All capabilities that the request declares, including unknown ones.
    pub declared: Map<String, Value>,
    /// The lowest level of log messages that the request asks for, if any.
    pub log_level: Option<LoggingLevel>,
}

impl Envelope {
    /// Reads the metadata of a request, and checks its header fields.
    ///
    /// # Errors
    /// Fails with 400 if the metadata is incomplete (MODERN-5), if a header field differs from the body (MODERN-6 to
    /// MODERN-8), or if the revision is not supported (MODERN-3).
    pub fn read(headers: &Headers, request: &RequestMessage) -> Result<Self, RequestRefused> {
        let params = request.params.as_deref();
        let meta = params.and_then(|params| member(params, "_meta"));
        let keys = [REVISION_KEY, CAPABILITIES_KEY, CLIENT_KEY, LOG_LEVEL_KEY];
        let [revision, capabilities, client, log_level] =
            meta.and_then(|meta| members(meta, keys)).unwrap_or_default();
        let revision: String = required(REVISION_KEY, revision)?;
        let envelope = Self {
            capabilities: required(CAPABILITIES_KEY, capabilities)?,
            declared: required(CAPABILITIES_KEY, capabilities)?,
            log_level: optional(LOG_LEVEL_KEY, log_level)?,
        };
        optional::<Implementation>(CLIENT_KEY, client)?;
        check_progress_token(request)?;
        if headers.get("mcp-protocol-version").is_some() {
            check_revision_field(headers, &revision)?;
        }
        check_revision(&revision)?;
        check_revision_field(headers, &revision)?;
        check_method(headers, &request.method)?;
        check_name(headers, &request.method, params)?;
        Ok(envelope)
    }

    /// Checks the metadata of a notification, all of which is optional.
    ///
    /// # Errors
    /// Fails with 400 if the metadata is invalid or differs from the header fields.
    pub fn check_notification(
        headers: &Headers,
        notification: &NotificationMessage,
    ) -> Result<(), RequestRefused> {
        let meta = notification
            .params
            .as_deref()
            .and_then(|params| member(params, "_meta"));
        let revision = meta.and_then(|meta| member(meta, REVISION_KEY));
        if let Some(revision) = optional::<String>(REVISION_KEY, revision)? {
            if headers.get("mcp-protocol-version").is_some() {
                check_revision_field(headers, &revision)?;
            }
            check_revision(&revision)?;
        }
        if headers.get("mcp-method").is_some() {
            check_method(headers, &notification.method)?;
        }
        Ok(())
    }
}

fn check_progress_token(request: &RequestMessage) -> Result<(), RequestRefused> {
    let Some(token) = request.progress_token.as_deref() else {
        return Ok(());
    };
    if MessageId::from_token(token).is_some_and(|token| token.is_string_or_integer()) {
        return Ok(());
    }
    Err(invalid_meta(
        "_meta: progressToken is neither a string nor an integer".to_owned(),
    ))
}

fn required<T: DeserializeOwned>(key: &str, value: Option<&RawValue>) -> Result<T, RequestRefused> {
    optional(key, value)?.ok_or_else(|| invalid_meta(format!("_meta: {key} is required")))
}

fn optional<T: DeserializeOwned>(key: &str, value: Option<&RawValue>) -> Result<Option<T>, RequestRefused> {
    value
        .map(|value| serde_json::from_str(value.get()))
        .transpose()
        .map_err(|_| invalid_meta(format!("_meta: {key} is invalid")))
}

fn invalid_meta(message: String) -> RequestRefused {
    RequestRefused::invalid("invalid_meta", message).rpc_code(code::INVALID_PARAMS)
}

fn check_revision(revision: &str) -> Result<(), RequestRefused> {
    if revision == REVISION {
        return Ok(());
    }
    let message = format!("The revision is not supported without a session; use {REVISION}");
    Err(RequestRefused::invalid("protocol_version_not_served", message)
        .rpc_code(code::UNSUPPORTED_REVISION)
        .detail("supported", json!([REVISION]))
        .detail("requested", json!(revision)))
}

fn check_revision_field(headers: &Headers, revision: &str) -> Result<(), Mismatch> {
    check_plain_field(headers, "mcp-protocol-version", revision)
}

fn check_method(headers: &Headers, method: &str) -> Result<(), Mismatch> {
    check_plain_field(headers, "mcp-method", method)
}

/// Checks a field whose values are never in base64.
fn check_plain_field(headers: &Headers, field: &str, expected: &str) -> Result<(), Mismatch> {
    let problem = match headers.get(field) {
        Some(value) if value == expected => return Ok(()),
        Some(_) => "differs from the body",
        None => "is missing",
    };
    Err(Mismatch {
        field: field.to_owned(),
        problem,
    })
}

fn check_name(headers: &Headers, method: &str, params: Option<&RawValue>) -> Result<(), Mismatch> {
    let Some((_, source)) = NAMED.iter().find(|(named, _)| *named == method) else {
        return Ok(());
    };
    let name = params.and_then(|params| member(params, source));
    match name.and_then(|name| serde_json::from_str::<String>(name.get()).ok()) {
        Some(name) => check_field(headers, "mcp-name", |value| value == name),
        // The check of the params refuses the request.
        None => Ok(()),
    }
}

impl From<Mismatch> for RequestRefused {
    fn from(mismatch: Mismatch) -> Self {
        Self::invalid("header_mismatch", mismatch.to_string()).rpc_code(code::HEADER_MISMATCH)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::json_rpc::{Incoming, parse};

    const FIELDS: &[(&str, &str)] = &[
        ("mcp-protocol-version", REVISION),
        ("mcp-method", "tools/call"),
        ("mcp-name", "a"),
    ];

    fn meta() -> Value {
        json!({ REVISION_KEY: REVISION, CAPABILITIES_KEY: { "sampling": {}, "x": 1 } })
    }

    /// Returns the code of the refusal, or 0.
    fn code_of(fields: &[(&str, &str)], meta: &Value) -> i64 {
        let params = json!({ "name": "a", "_meta": meta });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
        let Ok(Incoming::Request(request)) = parse(body.as_bytes()) else {
            panic!("not a request");
        };
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let headers = Headers::read(fields.iter().map(owned).collect::<HashMap<_, _>>()).unwrap();
        match Envelope::read(&headers, &request) {
            Ok(envelope) => {
                assert!(envelope.declared.contains_key("x") && envelope.capabilities.sampling.is_some());
                0
            }
            Err(refused) => {
                assert_eq!(refused.http_status(), 400);
                let body: Value = serde_json::from_str(&refused.body()).unwrap();
                body["error"]["code"].as_i64().unwrap()
            }
        }
    }

    fn with(name: &str, value: &Value) -> Value {
        let mut meta = meta();
        meta[name] = value.clone();
        meta
    }

    #[test]
    fn metadata_is_complete_and_well_formed() {
        assert_eq!(code_of(FIELDS, &meta()), 0);
        assert_eq!(code_of(FIELDS, &with("other", &json!(1e300))), 0);
        for (name, invalid) in [
            (REVISION_KEY, json!(7)),
            (CAPABILITIES_KEY, json!("all")),
            (CAPABILITIES_KEY, json!({ "sampling": true })),
            (CLIENT_KEY, json!({ "version": "1" })),
            (LOG_LEVEL_KEY, json!("loud")),
            ("progressToken", json!(1.5)),
            ("progressToken", json!({})),
        ] {
            assert_eq!(code_of(FIELDS, &with(name, &invalid)), -32602, "{name}");
        }
        for name in [REVISION_KEY, CAPABILITIES_KEY] {
            let mut incomplete = meta();
            incomplete.as_object_mut().unwrap().remove(name);
            assert_eq!(code_of(FIELDS, &incomplete), -32602, "{name}");
        }
        assert_eq!(code_of(FIELDS, &json!([])), -32602);
    }

    #[test]
    fn fields_repeat_the_body() {
        for (at, field) in FIELDS.iter().enumerate() {
            let mut fields = FIELDS.to_vec();
            fields.remove(at);
            assert_eq!(code_of(&fields, &meta()), -32020, "without {}", field.0);
            fields.push((field.0, "other"));
            assert_eq!(code_of(&fields, &meta()), -32020, "other {}", field.0);
        }
    }

    #[test]
    fn a_difference_counts_before_the_revision() {
        let future = with(REVISION_KEY, &json!("2099-01-01"));
        assert_eq!(code_of(FIELDS, &future), -32020);
        assert_eq!(
            code_of(&[("mcp-protocol-version", "2099-01-01")], &future),
            -32022
        );
        assert_eq!(code_of(&[], &future), -32022);
    }
}
