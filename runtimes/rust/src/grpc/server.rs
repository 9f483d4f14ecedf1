//! The gRPC server of one socket.

use std::time::Duration;

use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tracing::{error, warn};

use super::{gate::Gate, handlers::Handlers, listener::connections};
use crate::{
    proto::mcp_runtime_server::McpRuntimeServer,
    serving::Serving,
    socket::{Listening, SocketClaim},
};

/// The maximum number of open calls on one connection. It is high, because calls must not wait for each other (RPC-11).
const MAX_CALLS_PER_CONNECTION: u32 = 10_000;

/// The maximum number of calls on one connection that clients may reset before the server accepts them. The default is
/// too low for a gateway, whose one connection carries the calls of many callers.
const MAX_PENDING_RESETS: usize = 1000;

/// A gRPC server that is serving. Dropping it stops it without a time limit.
pub struct GrpcServer {
    claim: Option<SocketClaim>,
    /// Cancelled to end the server once its connections have ended.
    stopping: CancellationToken,
    /// Cancelled to close the connections.
    closing: CancellationToken,
    server: JoinHandle<()>,
}

impl GrpcServer {
    /// Starts serving on a socket (LIFE-1, LIFE-3).
    pub fn serve(serving: Serving, (claim, listener): Listening) -> Self {
        let limits = &serving.service.limits;
        let max_message = limits.max_body_bytes + limits.max_envelope_bytes;
        let handlers = McpRuntimeServer::new(Handlers(serving)).max_decoding_message_size(max_message);
        let (stopping, closing) = (CancellationToken::new(), CancellationToken::new());
        let stopped = stopping.clone().cancelled_owned();
        let incoming = connections(listener, closing.clone());
        let server = tokio::spawn(async move {
            let served = Server::builder()
                .max_concurrent_streams(MAX_CALLS_PER_CONNECTION)
                .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
                .serve_with_incoming_shutdown(Gate(handlers), incoming, stopped);
            if let Err(failure) = served.await {
                error!(error = %failure, "the server failed");
            }
        });
        Self {
            claim: Some(claim),
            stopping,
            closing,
            server,
        }
    }

    /// Removes the socket file, and stops accepting connections and calls.
    pub fn stop_accepting(&mut self) {
        self.claim = None;
        self.stopping.cancel();
    }

    /// Waits until the connections have sent their pending data, and closes those that do not within the limit.
    pub async fn stop(mut self, limit: Duration) {
        self.stop_accepting();
        if timeout(limit, &mut self.server).await.is_err() {
            warn!("closing connections that did not flush in time");
            self.closing.cancel();
            self.server.abort();
        }
    }
}
