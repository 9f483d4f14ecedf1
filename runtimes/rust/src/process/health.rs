//! A client for one question.

use std::{
    path::Path,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::UnixStream;
use tonic::body::Body;
use tower_service::Service;

use crate::proto::{HealthRequest, mcp_runtime_client::McpRuntimeClient};

const PROBE_LIMIT: Duration = Duration::from_secs(3);

/// Asks a runtime for its health, within 3 seconds.
///
/// # Errors
/// One line that says why there is no status.
pub async fn probe(socket_path: &Path) -> Result<String, String> {
    tokio::time::timeout(PROBE_LIMIT, ask(socket_path))
        .await
        .unwrap_or_else(|_| Err("HealthCheck took over 3 seconds".to_owned()))
}

async fn ask(socket_path: &Path) -> Result<String, String> {
    let failed = |_| format!("Nobody listens on {}", socket_path.display());
    let connection = Connection::open(socket_path).await.map_err(failed)?;
    let origin = http::Uri::from_static("http://localhost");
    McpRuntimeClient::with_origin(connection, origin)
        .health_check(HealthRequest {})
        .await
        .map(|response| response.into_inner().status)
        .map_err(|status| format!("HealthCheck failed with gRPC status {}", status.code() as i32))
}

/// A connection to a Unix domain socket, as tonic's clients want it.
#[derive(Clone)]
struct Connection(http2::SendRequest<Body>);

impl Connection {
    async fn open(path: &Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let stream = TokioIo::new(UnixStream::connect(path).await?);
        let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }
}

impl Service<Request<Body>> for Connection {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Incoming>, hyper::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}
