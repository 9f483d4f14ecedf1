//! A client for the health check and for tests.

use std::{
    io,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response, Uri};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::UnixStream;
use tonic::body::Body;
use tower_service::Service;

use crate::proto::mcp_runtime_client::McpRuntimeClient;

/// Connects to a runtime.
///
/// # Errors
/// Returns an error if no process listens on the socket.
pub async fn connect(socket_path: &Path) -> io::Result<McpRuntimeClient<Connection>> {
    let stream = TokioIo::new(UnixStream::connect(socket_path).await?);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream)
        .await
        .map_err(io::Error::other)?;
    // The task ends when the last sender is dropped.
    tokio::spawn(connection);
    let origin = Uri::from_static("http://localhost");
    Ok(McpRuntimeClient::with_origin(Connection(sender), origin))
}

/// A connection to a Unix domain socket, for tonic's clients.
#[derive(Clone, Debug)]
pub struct Connection(http2::SendRequest<Body>);

impl Service<Request<Body>> for Connection {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Incoming>, hyper::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}
