//! The RPCs of the contract over gRPC.

mod authority;
mod chunks;
mod connection;
mod deadline;
mod gate;
mod handlers;
mod listener;
mod server;

pub use connection::{Connection, connect};
pub use server::GrpcServer;
