//! An MCP runtime behind gRPC over a Unix domain socket, after `proto/CONTRACT.md`.
//!
//! The gateway terminates HTTP and authenticates; each HTTP request of MCP's streamable HTTP transport comes here as one
//! call. MCP itself is the official SDK's; statuses, sessions, identity, events and replay are the contract's.

pub mod catalog;
pub mod failure;
pub mod grpc;
pub mod http;
pub mod identity;
pub mod json_rpc;
pub mod limits;
pub mod mcp;
pub mod process;
pub mod runtime;
pub mod service;
pub mod session;

/// The messages and the service of the contract, generated from `proto/`.
pub mod proto {
    #![allow(clippy::all, clippy::pedantic)]
    include!(concat!(env!("OUT_DIR"), "/contextforge.mcp.runtime.v1.rs"));
}
