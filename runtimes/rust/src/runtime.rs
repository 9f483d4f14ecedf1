//! A runtime that serves the contract on Unix domain sockets.

#[cfg(test)]
mod tests;

use std::{io, sync::Arc, time::Duration};

use mcp_conformance_catalog::{Catalog, CatalogName, Modern, Rounds, StateKey, Subscriptions};
use tokio::{task::JoinHandle, time::timeout};
use tracing::info;

use crate::{
    grpc::GrpcServer,
    http_server::HttpServer,
    identity::AnonymousPolicy,
    large_bodies::LargeBodies,
    limits::Limits,
    mcp::AllSubscriptions,
    modern::ModernService,
    service::McpService,
    serving::{About, Calls, Mode, Serving},
    session::SessionStore,
    socket::Listening,
    sockets::Sockets,
    stream::EventStreams,
};

/// The capabilities that this runtime declares (HEALTH-4).
const CAPABILITIES: &[&str] = &["stream-head", "stream-post", "resume", "mcp-2026-07-28"];

/// The version that `HealthCheck` and `initialize` report.
const VERSION: &str = env!("CARGO_PKG_VERSION");

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
    service: Arc<McpService>,
    sessions: Arc<SessionStore>,
    calls: Calls,
    drain: Duration,
    grpc: Option<GrpcServer>,
    http: Option<HttpServer>,
    sweeper: JoinHandle<()>,
}

impl Runtime {
    /// Starts serving on the sockets (LIFE-1, LIFE-3, HTTP-1).
    ///
    /// # Errors
    /// Fails if the operating system cannot start a thread.
    pub fn serve(options: RuntimeOptions, sockets: Sockets) -> io::Result<Self> {
        Self::serve_catalog(Catalog::named(options.catalog), options, sockets)
    }

    fn serve_catalog(catalog: Catalog, options: RuntimeOptions, sockets: Sockets) -> io::Result<Self> {
        let mode = options.mode;
        let drain = options.limits.drain;
        let sessions = Arc::new(SessionStore::new(&options.limits));
        let large_bodies = LargeBodies::start()?;
        let service = Arc::new(service_of(catalog, options, sessions.clone(), large_bodies));
        let calls = Calls::default();
        let serving = Serving {
            service: service.clone(),
            about: About {
                mode,
                version: VERSION,
                capabilities: CAPABILITIES,
            },
            calls: calls.clone(),
        };
        let http = sockets.http.map(|socket| {
            log_listening("http", &socket, mode);
            HttpServer::serve(serving.clone(), socket)
        });
        let grpc = sockets.grpc.map(|socket| {
            log_listening("grpc", &socket, mode);
            GrpcServer::serve(serving, socket)
        });
        let idle = sessions.clone();
        let sweeper = tokio::spawn(async move { idle.end_idle().await });
        Ok(Self {
            service,
            sessions,
            calls,
            drain,
            grpc,
            http,
            sweeper,
        })
    }

    /// Returns the number of unary calls in flight.
    pub fn calls_in_flight(&self) -> usize {
        self.calls.count()
    }

    /// Stops the runtime: refuses new calls, removes the socket files, lets unary calls end within the drain limit, and
    /// ends all streams normally (LIFE-8, LIFE-9). Closes connections that do not flush within `FLUSH_TIMEOUT`.
    pub async fn stop(mut self) {
        info!(drain_ms = self.drain.as_millis(), "stopping");
        self.calls.stop();
        if let Some(grpc) = &mut self.grpc {
            grpc.stop_accepting();
        }
        if let Some(http) = &mut self.http {
            http.stop_accepting();
        }
        for session in self.sessions.all() {
            session.streams.end(EventStreams::LIVE);
        }
        self.service.modern.end_subscriptions();
        let _ = timeout(self.drain, self.calls.ended()).await;
        self.sessions.close();
        self.service.modern.close();
        self.sweeper.abort();
        tokio::join!(
            async {
                if let Some(grpc) = self.grpc {
                    grpc.stop(FLUSH_TIMEOUT).await;
                }
            },
            async {
                if let Some(http) = self.http {
                    http.stop(FLUSH_TIMEOUT).await;
                }
            }
        );
        info!("stopped");
    }
}

fn log_listening(transport: &str, (claim, _): &Listening, mode: Mode) {
    info!(
        transport,
        path = %claim.path().display(),
        mode = mode.name(),
        version = VERSION,
        capabilities = ?CAPABILITIES,
        "listening"
    );
}

/// Assembles the service.
fn service_of(
    catalog: Catalog,
    options: RuntimeOptions,
    sessions: Arc<SessionStore>,
    large_bodies: LargeBodies,
) -> McpService {
    let limits = options.limits;
    let catalog = Arc::new(catalog);
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
    let subscriptions = Arc::new(AllSubscriptions::new(subscriptions, &limits));
    McpService {
        limits,
        anonymous: options.anonymous,
        catalog,
        version: VERSION,
        sessions,
        subscriptions,
        modern,
        large_bodies,
    }
}
