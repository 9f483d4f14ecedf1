//! MCP requests in flight: the paths of their messages and responses, and the interface of their tools. The SDK's
//! transport routes every message to its request.

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
