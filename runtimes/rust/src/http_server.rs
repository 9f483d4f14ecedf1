//! The calls over HTTP/1.1 (chapter 18 of the contract).

mod framing;
mod handler;
mod request;
mod request_target;
mod requests;
mod response;
mod server;

pub use server::HttpServer;
