//! MCP: the official SDK's server, behind a connection that keeps the caller's ids and maps requests to
//! exchanges.

mod client_message;
mod connection;
mod handler;

pub use connection::Connection;
pub use handler::McpHandler;
