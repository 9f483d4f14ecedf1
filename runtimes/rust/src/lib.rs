//! An implementation of `proto/CONTRACT.md`: an MCP runtime that serves gRPC on a Unix domain socket.
//!
//! The gateway terminates HTTP and authenticates callers. Each HTTP request of MCP's streamable HTTP transport arrives
//! as one call. The official SDK implements MCP. This crate implements the statuses, sessions, identity, events and
//! replay of the contract.

mod exchange;
mod failure;
pub mod grpc;
mod http;
mod identity;
mod json_rpc;
pub mod limits;
mod mcp;
mod modern;
pub mod process;
pub mod proto;
mod random;
mod revision;
pub mod runtime;
mod service;
mod session;
pub mod socket;
mod stream;
mod turns;
