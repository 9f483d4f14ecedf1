//! MCP: the official SDK's server, behind a connection that keeps the caller's ids and creates an exchange for each
//! request.

mod client_message;
mod connection;
mod handler;
mod subscriptions;

pub use client_message::client_request;
pub use connection::Connection;
pub use handler::McpHandler;
pub use subscriptions::{AllSubscriptions, SessionSubscriptions};
