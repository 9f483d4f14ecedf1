//! MCP 2026-07-28: requests without handshake and without session. Each request gets a server of its own from the SDK.

mod answer;
mod envelope;
mod era;
mod exchange;
mod handler;
mod header_value;
mod request;
mod service;
mod subscription;

pub use era::{era_of, names_modern_revision};
pub use service::{ModernCall, ModernService, ModernStream};

/// The name of the server in its results.
const SERVER_NAME: &str = "mcp-runtime-conformance";
