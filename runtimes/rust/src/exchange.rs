//! MCP requests in flight: the paths on which their messages and responses reach the caller, and the
//! channel from a tool to its caller. The SDK's transport routes every server message to the request that it belongs
//! to.

mod channel;
mod exchanges;
mod response_path;
pub mod rpc_failure;
mod transport;

pub use channel::ExchangeChannel;
pub use exchanges::{Exchange, Exchanges, RequestGuard, scope_of};
pub use response_path::{Collected, Outcome, ResponsePath};
pub use transport::SessionTransport;
