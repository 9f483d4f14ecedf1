//! A runtime that serves the contract on a Unix domain socket.

use std::{sync::Arc, time::Duration};

use mcp_conformance_catalog::{Catalog, CatalogName, Modern, Rounds, StateKey, Subscriptions};
use tokio::{net::UnixListener, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tracing::{error, info, warn};

use crate::{
    grpc::{About, Calls, Gate, Handlers, Mode, connections},
    identity::AnonymousPolicy,
    limits::Limits,
    modern::ModernService,
    proto::mcp_runtime_server::McpRuntimeServer,
    service::McpService,
    session::SessionStore,
    socket::SocketClaim,
    stream::EventStreams,
    turns::Turns,
};

/// The capabilities that this runtime declares (HEALTH-4).
const CAPABILITIES: &[&str] = &["stream-head", "stream-post", "resume", "mcp-2026-07-28"];

/// The version that `HealthCheck` and `initialize` report.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The maximum number of open calls on one connection. It is high, because calls must not wait for each other (RPC-11).
const MAX_CALLS_PER_CONNECTION: u32 = 10_000;

/// The maximum number of calls on one connection that clients may reset before the server accepts them. The default is
/// too low for a gateway, whose one connection carries the calls of many callers.
const MAX_PENDING_RESETS: usize = 1000;

/// The time limit for connections to send their pending data during a shutdown.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// The options of a runtime.
#[derive(Clone, Debug, Default)]
pub struct RuntimeOptions {
    pub catalog: CatalogName,
    pub anonymous: AnonymousPolicy,
    pub mode: Mode,
    /// The secret that protects request state. Runtimes with the same secret accept each other's state, also after a
    /// restart. By default, the secret is random, so that state ends with the runtime.
    pub request_state_key: Option<StateKey>,
    pub limits: Limits,
}

/// A runtime that is serving.
pub struct Runtime {
    claim: SocketClaim,
    service: Arc<McpService>,
    sessions: Arc<SessionStore>,
    calls: Calls,
    drain: Duration,
    /// Cancelled to end the server once its connections have ended.
    stopping: CancellationToken,
    /// Cancelled to close the connections.
    closing: CancellationToken,
    server: JoinHandle<()>,
    sweeper: JoinHandle<()>,
}

impl Runtime {
    /// Starts serving on a socket (LIFE-1, LIFE-3).
    pub fn serve(options: RuntimeOptions, (claim, listener): (SocketClaim, UnixListener)) -> Self {
        let limits = options.limits;
        let sessions = Arc::new(SessionStore::new(&limits));
        let calls = Calls::default();
        let drain = limits.drain;
        let max_message = limits.max_body_bytes + limits.max_envelope_bytes;
        let catalog = Arc::new(Catalog::named(options.catalog));
        let subscriptions = Arc::<Subscriptions>::default();
        let rounds = match &options.request_state_key {
            Some(key) => Rounds::new(key, limits.request_state),
            None => Rounds::with_random_key(limits.request_state),
        };
        let modern = Modern {
            catalog: catalog.clone(),
            rounds,
        };
        let modern = ModernService::new(limits.clone(), modern, VERSION, subscriptions.clone());
        let service = Arc::new(McpService {
            limits,
            anonymous: options.anonymous,
            catalog,
            version: VERSION,
            sessions: sessions.clone(),
            subscriptions,
            modern,
            turns: Turns::default(),
        });
        let handlers = Handlers {
            service: service.clone(),
            about: About {
                mode: options.mode,
                version: VERSION,
                capabilities: CAPABILITIES,
            },
            calls: calls.clone(),
        };
        let gate = Gate(McpRuntimeServer::new(handlers).max_decoding_message_size(max_message));
        let (stopping, closing) = (CancellationToken::new(), CancellationToken::new());
        let stopped = stopping.clone().cancelled_owned();
        let incoming = connections(listener, closing.clone());
        let server = tokio::spawn(async move {
            let served = Server::builder()
                .max_concurrent_streams(MAX_CALLS_PER_CONNECTION)
                .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
                .serve_with_incoming_shutdown(gate, incoming, stopped);
            if let Err(failure) = served.await {
                error!(error = %failure, "the server failed");
            }
        });
        let idle = sessions.clone();
        let sweeper = tokio::spawn(async move { idle.end_idle().await });
        info!(
            path = %claim.path().display(),
            mode = options.mode.name(),
            version = VERSION,
            capabilities = ?CAPABILITIES,
            "listening"
        );
        Self {
            claim,
            service,
            sessions,
            calls,
            drain,
            stopping,
            closing,
            server,
            sweeper,
        }
    }

    /// Returns the number of unary calls in flight.
    pub fn calls_in_flight(&self) -> usize {
        self.calls.count()
    }

    /// Stops the runtime: refuses new calls, removes the socket file, lets unary calls end within the drain limit, and
    /// ends all streams normally (LIFE-8, LIFE-9). Closes connections that do not flush within `FLUSH_TIMEOUT`.
    pub async fn stop(mut self) {
        info!(drain_ms = self.drain.as_millis(), "stopping");
        self.calls.stop();
        drop(self.claim);
        self.stopping.cancel();
        for session in self.sessions.all() {
            session.streams.end(EventStreams::LIVE);
        }
        self.service.modern.end_subscriptions();
        let _ = timeout(self.drain, self.calls.ended()).await;
        self.sessions.close();
        self.service.modern.close();
        self.sweeper.abort();
        if timeout(FLUSH_TIMEOUT, &mut self.server).await.is_err() {
            warn!("closing connections that did not flush in time");
            self.closing.cancel();
            self.server.abort();
        }
        info!("stopped");
    }
}
