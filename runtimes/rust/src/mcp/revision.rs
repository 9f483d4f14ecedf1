//! The revisions of MCP with a handshake and sessions.

use rmcp::model::ProtocolVersion;

/// The revisions that this runtime serves, latest first.
pub const SERVED: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// The same for the SDK.
pub const SERVED_VERSIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_03_26,
    ProtocolVersion::V_2024_11_05,
];

/// Whether streams of a revision begin with an event that carries an id and no data.
pub fn has_priming_events(revision: &str) -> bool {
    revision >= "2025-11-25"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_serves_the_same_revisions() {
        let names: Vec<&str> = SERVED_VERSIONS.iter().map(ProtocolVersion::as_str).collect();
        assert_eq!(names, SERVED);
    }
}
