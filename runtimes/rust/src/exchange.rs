//! MCP requests in flight: where their messages and responses go, and what the work of one may do. The SDK's transport
//! routes every message to the request it belongs to.

mod exchanges;
mod response_path;
pub mod rpc_failure;
mod subscriptions;
mod tool_context;
mod transport;

pub use exchanges::{CallScope, Exchange, Exchanges, RequestGuard};
pub use response_path::{Collected, Outcome, ResponsePath};
pub use subscriptions::Subscriptions;
pub use tool_context::{LogTarget, LogThreshold, ToolContext, ToolFailure};
pub use transport::SessionTransport;
