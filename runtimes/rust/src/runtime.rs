//! A runtime that serves the contract on a Unix domain socket.

use std::{io, sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tonic::transport::Server;
use tracing::{error, info, warn};

use crate::{
    catalog::{Catalog, CatalogName},
    grpc::{About, Calls, Gate, Handlers},
    identity::AnonymousPolicy,
    limits::Limits,
    mcp::Subscriptions,
    process::socket::SocketClaim,
    proto::mcp_runtime_server::McpRuntimeServer,
    service::McpService,
    session::{EventStreams, SessionStore},
};

/// The optional surfaces that this implementation serves (HEALTH-4).
pub const CAPABILITIES: &[&str] = &["stream-head", "stream-post", "resume"];

/// The version that HealthCheck and `initialize` name.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Calls on one connection do not wait for each other (RPC-11); this many may be open.
const MAX_CALLS_PER_CONNECTION: u32 = 10_000;

/// How many calls may be given up before they were looked at: one connection carries the calls of many callers.
const MAX_PENDING_RESETS: usize = 1000;

/// How long to wait where the machine has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long what was written may take to be sent after a stop.
const FLUSH_LIMIT: Duration = Duration::from_millis(500);

/// What a runtime is made of.
#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    pub catalog: CatalogName,
    pub anonymous: AnonymousPolicy,
    /// How much of MCP the runtime takes over from its gateway (HEALTH-2).
    pub mode: &'static str,
    pub limits: Limits,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self {
            catalog: CatalogName::Conformance,
            anonymous: AnonymousPolicy::Isolate,
            mode: "full",
            limits: Limits::default(),
        }
    }
}

/// A runtime that serves.
pub struct Runtime {
    claim: SocketClaim,
    sessions: Arc<SessionStore>,
    calls: Calls,
    drain: Duration,
    stop_server: oneshot::Sender<()>,
    server: JoinHandle<()>,
    sweeper: JoinHandle<()>,
}

impl Runtime {
    /// Begins to serve on a socket (LIFE-1, LIFE-3).
    pub fn serve(options: RuntimeOptions, (claim, listener): (SocketClaim, UnixListener)) -> Self {
        let limits = options.limits;
        let sessions = Arc::new(SessionStore::new(limits.max_sessions, limits.session_idle));
        let calls = Calls::default();
        let drain = limits.drain;
        let max_message = limits.max_body_bytes + limits.max_envelope_bytes;
        let handlers = Handlers {
            service: Arc::new(McpService {
                limits,
                anonymous: options.anonymous,
                catalog: Arc::new(Catalog::named(options.catalog)),
                version: VERSION,
                sessions: sessions.clone(),
                subscriptions: Arc::<Subscriptions>::default(),
            }),
            about: About {
                mode: options.mode,
                version: VERSION,
                capabilities: CAPABILITIES,
            },
            calls: calls.clone(),
        };
        let service = Gate(McpRuntimeServer::new(handlers).max_decoding_message_size(max_message));
        let (stop_server, stopped) = oneshot::channel();
        let server = tokio::spawn(async move {
            let served = Server::builder()
                .max_concurrent_streams(MAX_CALLS_PER_CONNECTION)
                .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
                .serve_with_incoming_shutdown(service, connections(listener), async {
                    let _ = stopped.await;
                });
            if let Err(failure) = served.await {
                error!(error = %failure, "the server ended");
            }
        });
        let idle = sessions.clone();
        let sweeper = tokio::spawn(async move { idle.end_idle().await });
        info!(
            path = %claim.path().display(),
            mode = options.mode,
            version = VERSION,
            capabilities = ?CAPABILITIES,
            "listening"
        );
        Self {
            claim,
            sessions,
            calls,
            drain,
            stop_server,
            server,
            sweeper,
        }
    }

    /// How many unary calls are under way.
    pub fn calls_under_way(&self) -> usize {
        self.calls.count()
    }

    /// Stops: accepts no more work, removes the socket file, lets unary calls end within the drain limit, ends all
    /// streams in the regular way (LIFE-8, LIFE-9).
    pub async fn stop(self) {
        info!(drain_ms = self.drain.as_millis(), "stopping");
        self.calls.stop();
        self.claim.release();
        // Nobody listens for it where the server has ended by itself.
        let _ = self.stop_server.send(());
        for session in self.sessions.all() {
            session.streams.end(EventStreams::LIVE);
        }
        let _ = timeout(self.drain, self.calls.ended()).await;
        self.sessions.close();
        self.sweeper.abort();
        let _ = timeout(FLUSH_LIMIT, self.server).await;
        info!("stopped");
    }
}

/// The connections to a socket, for as long as there are any.
fn connections(listener: UnixListener) -> impl Stream<Item = io::Result<UnixStream>> {
    stream::unfold(listener, |listener| async move {
        loop {
            match listener.accept().await {
                Ok((connection, _)) => return Some((Ok(connection), listener)),
                Err(error) => {
                    warn!(kind = %error.kind(), "a connection cannot be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    })
}
