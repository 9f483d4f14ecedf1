//! An implementation of `proto/CONTRACT.md`: an MCP runtime that serves gRPC and HTTP on Unix domain sockets.
//!
//! The gateway terminates HTTP and authenticates callers. Each HTTP request of MCP's streamable HTTP transport arrives
//! as one call. The official SDK implements MCP. This crate implements the statuses, sessions, identity, events and
//! replay of the contract.

mod accepted;
mod exchange;
mod failure;
pub mod grpc;
mod http;
mod http_server;
mod identity;
mod json_rpc;
mod large_bodies;
pub mod limits;
mod mcp;
mod modern;
pub mod process;
pub mod proto;
mod quota;
mod random;
mod recovery;
mod revision;
pub mod runtime;
mod service;
pub mod serving;
mod session;
pub mod socket;
pub mod sockets;
mod stream;
mod turns;
