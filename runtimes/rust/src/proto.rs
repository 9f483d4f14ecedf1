//! The messages and the service of the contract, generated from `proto/`.
#![allow(
    clippy::all,
    clippy::pedantic,
    unused_qualifications,
    reason = "generated code"
)]

mod codec;

include!(concat!(env!("OUT_DIR"), "/contextforge.mcp.runtime.v1.rs"));
