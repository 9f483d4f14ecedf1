//! The RPCs of the contract over gRPC.

mod authority;
mod calls;
mod chunks;
mod connection;
mod deadline;
mod gate;
mod handlers;
mod listener;

pub use calls::{Calls, Health};
pub use connection::{Connection, connect};
pub use gate::Gate;
pub use handlers::{About, Handlers, Mode};
pub use listener::connections;
