//! MCP requests in flight: the paths on which their messages and responses reach the caller, and the interface for
//! running tools. The SDK's transport routes every server message to the request that it belongs to.

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
