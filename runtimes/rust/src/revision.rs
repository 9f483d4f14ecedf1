//! The revisions of MCP with a handshake and sessions.

use rmcp::model::ProtocolVersion;

/// The supported revisions, latest first.
pub const SUPPORTED: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// The supported revisions in the SDK's type.
pub const SUPPORTED_VERSIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_03_26,
    ProtocolVersion::V_2024_11_05,
];

/// Returns whether the streams of a revision begin with an event that has an id and no data.
pub fn has_priming_events(version: &ProtocolVersion) -> bool {
    version.as_str() >= "2025-11-25"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_have_the_same_revisions() {
        let names: Vec<&str> = SUPPORTED_VERSIONS.iter().map(ProtocolVersion::as_str).collect();
        assert_eq!(names, SUPPORTED);
    }

    #[test]
    fn only_the_latest_revision_has_priming_events() {
        let primed = SUPPORTED_VERSIONS.iter().map(has_priming_events);
        assert_eq!(primed.collect::<Vec<_>>(), [true, false, false, false]);
    }
}
