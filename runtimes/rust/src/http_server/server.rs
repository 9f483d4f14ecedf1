//! The HTTP server of one socket.

use std::{pin::pin, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{UnixListener, UnixStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

use super::{handler::handle, requests::Requests};
use crate::{
    accepted::Accepted,
    serving::Serving,
    socket::{Listening, SocketClaim, accept},
};

/// The maximum number of header fields of a request.
const MAX_FIELDS: usize = 1024;

/// An HTTP server that is serving.
pub struct HttpServer {
    claim: Option<SocketClaim>,
    connections: TaskTracker,
    phases: Phases,
}

/// The phases of a shutdown. Each token is cancelled when its phase begins.
#[derive(Clone, Default)]
struct Phases {
    /// The server accepts no more connections.
    stopping: CancellationToken,
    /// Connections close after the response to the current request.
    flushing: CancellationToken,
    /// Connections close at once.
    closing: CancellationToken,
}

impl HttpServer {
    /// Starts serving on a socket.
    pub fn serve(serving: Serving, (claim, listener): Listening) -> Self {
        let server = Self {
            claim: Some(claim),
            connections: TaskTracker::new(),
            phases: Phases::default(),
        };
        let (connections, phases) = (server.connections.clone(), server.phases.clone());
        tokio::spawn(accept_all(listener, serving, connections, phases));
        server
    }

    /// Removes the socket file, and stops accepting connections. Open connections stay usable, so that calls on them
    /// are refused instead of lost.
    pub fn stop_accepting(&mut self) {
        self.claim = None;
        self.phases.stopping.cancel();
    }

    /// Closes idle connections, waits until the other ones have sent their responses, and closes those that do not
    /// within the limit.
    pub async fn stop(mut self, limit: Duration) {
        self.stop_accepting();
        self.phases.flushing.cancel();
        self.connections.close();
        if timeout(limit, self.connections.wait()).await.is_err() {
            warn!("closing connections that did not flush in time");
            self.phases.closing.cancel();
        }
    }
}

async fn accept_all(listener: UnixListener, serving: Serving, connections: TaskTracker, phases: Phases) {
    loop {
        let socket = tokio::select! {
            socket = accept(&listener) => socket,
            () = phases.stopping.cancelled() => return,
        };
        connections.spawn(serve_connection(socket, serving.clone(), phases.clone()));
    }
}

/// Serves the requests on a connection. There are no time limits, because closing an idle connection could lose a
/// request that the gateway is sending on it (HTTP-8).
async fn serve_connection(socket: UnixStream, serving: Serving, phases: Phases) {
    let max_head_bytes = serving.service.limits.max_envelope_bytes;
    let mut builder = http1::Builder::new();
    builder
        .max_headers(MAX_FIELDS)
        .max_buf_size(max_head_bytes.max(16 * 1024))
        .header_read_timeout(None);
    let service = service_fn(move |request| handle(serving.clone(), request));
    let io = TokioIo::new(Accepted::new(socket, Requests::new(max_head_bytes)));
    let mut connection = pin!(builder.serve_connection(io, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = phases.flushing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                () = phases.closing.cancelled() => return,
            }
        }
    };
    if let Err(failure) = ended {
        debug!(error = %failure, "a connection ended early");
    }
}
