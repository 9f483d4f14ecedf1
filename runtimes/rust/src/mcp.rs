//! MCP itself: the official SDK's server behind a transport that keeps each request's id, messages and response
//! together.

mod client_message;
mod connection;
mod exchange;
mod failure;
mod handler;
pub mod revision;
mod subscriptions;
mod tool_context;
mod transport;

pub use connection::{Connection, ConnectionSettings, RequestGuard};
pub use exchange::{CallScope, Collected, Outcome, ResponsePath};
pub use handler::McpHandler;

pub use subscriptions::Subscriptions;
pub use tool_context::{LogTarget, ToolContext};
