//! The two eras of MCP: the revisions with sessions, and those without.

use rmcp::model::ProtocolVersion;

/// The revisions that serve an entry of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// The revisions with a handshake and sessions, up to 2025-11-25.
    Legacy,
    /// The revisions without sessions, from 2026-07-28 on.
    Modern,
}

impl Era {
    /// Returns the era of a request. Without a revision, a request belongs to a session.
    pub fn of(version: Option<&ProtocolVersion>) -> Self {
        match version {
            Some(version) if !version.has_initialize() => Self::Modern,
            _ => Self::Legacy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revision_decides() {
        assert_eq!(Era::of(Some(&ProtocolVersion::V_2026_07_28)), Era::Modern);
        assert_eq!(Era::of(Some(&ProtocolVersion::V_2025_11_25)), Era::Legacy);
        assert_eq!(Era::of(None), Era::Legacy);
    }
}
