//! Serves the contract with tonic and nothing else. It is the floor of the Rust runtime.
//!
//! It answers each `Invoke` with a prepared JSON-RPC response, into which it copies the id of the request.

use std::{collections::HashMap, error::Error};

use bytes::Bytes;
use memchr::memmem;
use mimalloc::MiMalloc;
use tokio::{
    net::UnixListener,
    signal::unix::{SignalKind, signal},
};
use tokio_stream::wrappers::UnixListenerStream;
use tonic::{Request, Response, Status, transport::Server};

mod proto {
    #![allow(clippy::all, reason = "generated code")]
    tonic::include_proto!("contextforge.mcp.runtime.v1");
}

use proto::{
    HealthRequest, HealthResponse, McpChunk, McpRequest, McpResponse,
    mcp_runtime_server::{McpRuntime, McpRuntimeServer},
};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const ID_DIGITS: usize = 10;
const INITIALIZE: &[u8] =
    br#"{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"rust-echo","version":"1"}}"#;

struct Echo;

#[tonic::async_trait]
impl McpRuntime for Echo {
    type InvokeStreamStream = tokio_stream::Empty<Result<McpChunk, Status>>;

    async fn invoke(&self, request: Request<McpRequest>) -> Result<Response<McpResponse>, Status> {
        let request = request.into_inner();
        let Some(id) = after(&request.body, br#""id":"#) else {
            return status(202);
        };
        let mut headers = HashMap::from([("content-type".to_owned(), "application/json".to_owned())]);
        let mut body = Vec::with_capacity(request.body.len() + 128);
        body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        body.extend_from_slice(&id[..ID_DIGITS]);
        body.extend_from_slice(br#","result":"#);
        if request.session_id.is_empty() {
            headers.insert("mcp-session-id".to_owned(), "echo".to_owned());
            body.extend_from_slice(INITIALIZE);
        } else {
            let text = after(&request.body, br#""text":""#).unwrap_or_default();
            let end = memchr::memchr(b'"', text).unwrap_or_default();
            body.extend_from_slice(br#"{"content":[{"type":"text","text":""#);
            body.extend_from_slice(&text[..end]);
            body.extend_from_slice(br#""}]}"#);
        }
        body.push(b'}');
        Ok(Response::new(McpResponse {
            status: 200,
            headers,
            body: body.into(),
        }))
    }

    async fn invoke_stream(
        &self,
        _: Request<McpRequest>,
    ) -> Result<Response<Self::InvokeStreamStream>, Status> {
        Err(Status::unimplemented("the echo server has no streams"))
    }

    async fn close_session(&self, _: Request<McpRequest>) -> Result<Response<McpResponse>, Status> {
        status(204)
    }

    async fn health_check(&self, _: Request<HealthRequest>) -> Result<Response<HealthResponse>, Status> {
        Ok(Response::new(HealthResponse {
            status: "ok".to_owned(),
            mode: "full".to_owned(),
            version: "1".to_owned(),
            capabilities: Vec::new(),
        }))
    }
}

fn status(status: i32) -> Result<Response<McpResponse>, Status> {
    Ok(Response::new(McpResponse {
        status,
        headers: HashMap::new(),
        body: Bytes::new(),
    }))
}

/// Returns the bytes after a mark.
fn after<'a>(text: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    memmem::find(text, mark).map(|at| &text[at + mark.len()..])
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = UnixListener::bind(std::env::var("MCP_RUNTIME_GRPC_UDS")?)?;
    let mut terminated = signal(SignalKind::terminate())?;
    Server::builder()
        .serve_with_incoming_shutdown(
            McpRuntimeServer::new(Echo),
            UnixListenerStream::new(listener),
            async move {
                terminated.recv().await;
            },
        )
        .await?;
    Ok(())
}
