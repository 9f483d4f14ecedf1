//! Chooses the era of a message.

use mcp_conformance_catalog::Era;

use crate::{
    http::Headers,
    json_rpc::{Incoming, member},
};

/// The revision without sessions that this runtime serves.
pub const REVISION: &str = "2026-07-28";

/// The member of `_meta` that names the revision of a request.
pub const REVISION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

/// Returns whether the header fields name the revision without sessions.
pub fn names_modern_revision(headers: &Headers) -> bool {
    headers.get("mcp-protocol-version") == Some(REVISION)
}

/// Returns the era of a message. Its own `_meta` decides. Without a revision there, the header field does, so that a
/// request with incomplete `_meta` gets the error of its era.
pub fn era_of(message: &Incoming, headers: &Headers) -> Era {
    if claims_revision(message) || names_modern_revision(headers) {
        Era::Modern
    } else {
        Era::Legacy
    }
}

fn claims_revision(message: &Incoming) -> bool {
    let params = match message {
        Incoming::Request(request) => request.params.as_deref(),
        Incoming::Notification(notification) => notification.params.as_deref(),
        Incoming::Response(_) => None,
    };
    let meta = params.and_then(|params| member(params, "_meta"));
    meta.is_some_and(|meta| member(meta, REVISION_KEY).is_some())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::json_rpc::parse;

    #[test]
    fn the_message_decides_and_then_the_header() {
        let era = |params: &str, header: &str| {
            let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{params}}}"#);
            let fields = HashMap::from([("MCP-Protocol-Version".to_owned(), header.to_owned())]);
            era_of(&parse(body.as_bytes()).unwrap(), &Headers::read(fields).unwrap())
        };
        let claim = r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":null}}"#;
        assert_eq!(era(claim, "2025-11-25"), Era::Modern);
        assert_eq!(era("{}", " 2026-07-28 "), Era::Modern);
        for params in ["{}", "[]", r#"{"_meta":[]}"#, r#"{"_meta":{"progressToken":1}}"#] {
            assert_eq!(era(params, "2025-11-25"), Era::Legacy, "{params}");
        }
    }
}
