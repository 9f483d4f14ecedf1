//! Adds the catalog to a server of the SDK.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use rmcp::{
    RoleServer, ServerHandler,
    model::{Extensions, JsonObject, NumberOrString, Resource, ServerCapabilities},
    service::{RequestContext, ServiceError},
};

use crate::{
    CallScope, CallerToken, Catalog, CatalogName, Channel, Claims, Era, Listeners, LogTarget, LogThreshold,
    Modern, Rounds, STATE_LIFETIME, Subscriptions, ToolContext, resources,
};

type CallerOf = dyn Fn(&RequestContext<RoleServer>) -> Option<CallScope> + Send + Sync;

/// Adds the conformance catalog to a server, which keeps its own tools, resources and prompts. Every session is an
/// anonymous caller. [`Mount`] has the options, and shares state between sessions.
pub fn mount<Server: ServerHandler>(server: Server) -> Mounted<Server> {
    Mount::default().mount(server)
}

/// The conformance catalog for the servers of several sessions, which share its state.
#[derive(Clone)]
pub struct Mount {
    modern: Arc<Modern>,
    subscriptions: Arc<Subscriptions>,
    caller_of: Arc<CallerOf>,
}

impl Default for Mount {
    fn default() -> Self {
        Self {
            modern: Arc::new(Modern {
                catalog: Arc::new(Catalog::named(CatalogName::Conformance)),
                rounds: Rounds::with_random_key(STATE_LIFETIME),
            }),
            subscriptions: Arc::default(),
            caller_of: Arc::new(|_| None),
        }
    }
}

impl Mount {
    /// Sets the function that returns the scope of a call, for `conformance_whoami` and the keys of
    /// `conformance_wait`. `None` means an anonymous caller, whose state belongs to its session.
    #[must_use]
    pub fn with_caller(
        mut self,
        caller_of: impl Fn(&RequestContext<RoleServer>) -> Option<CallScope> + Send + Sync + 'static,
    ) -> Self {
        self.caller_of = Arc::new(caller_of);
        self
    }

    /// Adds the catalog to the server of one session.
    pub fn mount<Server: ServerHandler>(&self, server: Server) -> Mounted<Server> {
        static SESSIONS: AtomicU64 = AtomicU64::new(0);
        Mounted {
            own: server,
            mount: self.clone(),
            session: SESSIONS.fetch_add(1, Ordering::Relaxed),
            subscribed: Mutex::default(),
            threshold: Arc::default(),
        }
    }
}

/// The server of one session with the catalog. Requests for items that are not in the catalog go to the server's own
/// handler.
pub struct Mounted<Server> {
    pub(crate) own: Server,
    mount: Mount,
    session: u64,
    /// The URIs of the catalog that this session subscribed to.
    subscribed: Mutex<HashSet<String>>,
    pub(crate) threshold: Arc<LogThreshold>,
}

impl<Server> Mounted<Server> {
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.mount.modern.catalog
    }

    pub(crate) fn modern(&self) -> &Modern {
        &self.mount.modern
    }

    /// Returns the resources of the catalog that an era serves.
    pub(crate) fn resources(&self, era: Era) -> Vec<Resource> {
        match era {
            Era::Legacy => resources::list(),
            Era::Modern => self.modern().list_resources().resources,
        }
    }

    pub(crate) fn listeners(&self) -> &Arc<Listeners> {
        &self.mount.subscriptions.listeners
    }

    /// Returns the scope of a call. An anonymous caller has its session, or without sessions, all anonymous callers are
    /// one caller.
    pub(crate) fn scope(&self, context: &RequestContext<RoleServer>) -> CallScope {
        (self.mount.caller_of)(context).unwrap_or_else(|| CallScope {
            claims: Claims::default(),
            server_id: String::new(),
            owner: match era_of(context) {
                Era::Legacy => format!("session {}", self.session),
                Era::Modern => "anonymous".to_owned(),
            },
        })
    }

    /// Returns the context in which a tool of the catalog runs.
    pub(crate) fn tool_context(&self, context: &RequestContext<RoleServer>) -> ToolContext {
        let threshold = match era_of(context) {
            Era::Legacy => self.threshold.clone(),
            Era::Modern => Arc::new(LogThreshold::of_request(context.meta.log_level())),
        };
        ToolContext {
            scope: self.scope(context),
            progress_token: context.meta.get_progress_token().map(|token| CallerToken {
                text: match &token.0 {
                    NumberOrString::Number(number) => number.to_string(),
                    NumberOrString::String(text) => text.to_string(),
                },
                token,
            }),
            cancellation: context.ct.clone(),
            channel: Arc::new(SdkChannel),
            peer: context.peer.clone(),
            threshold,
            subscriptions: self.mount.subscriptions.clone(),
            round: None,
        }
    }

    pub(crate) fn add_subscription(&self, uri: String, context: RequestContext<RoleServer>) {
        self.mount.subscriptions.add(&uri, self.session, context.peer);
        self.subscribed.lock().insert(uri);
    }

    pub(crate) fn remove_subscription(&self, uri: &str) {
        self.subscribed.lock().remove(uri);
        self.mount.subscriptions.remove(uri, self.session);
    }
}

impl<Server: ServerHandler> Mounted<Server> {
    /// Returns the capabilities of the server without the catalog.
    pub(crate) fn own_capabilities(&self) -> ServerCapabilities {
        self.own.get_info().capabilities
    }

    /// Returns the capabilities of the server with the catalog.
    pub(crate) fn capabilities(&self, era: Era) -> ServerCapabilities {
        let mut declared = self.own_capabilities();
        let catalog = self.catalog().capabilities(era);
        declared.tools = declared.tools.or(catalog.tools);
        declared.prompts = declared.prompts.or(catalog.prompts);
        declared.completions = declared.completions.or(catalog.completions);
        declared.logging = declared.logging.or(catalog.logging);
        let mut resources = declared.resources.or(catalog.resources).unwrap_or_default();
        resources.subscribe = Some(true);
        if era == Era::Modern {
            resources.list_changed = Some(true);
            declared.tools.get_or_insert_default().list_changed = Some(true);
            declared.prompts.get_or_insert_default().list_changed = Some(true);
        }
        declared.resources = Some(resources);
        declared
    }

    pub(crate) fn has_own_subscriptions(&self) -> bool {
        let own = self.own_capabilities().resources;
        own.is_some_and(|resources| resources.subscribe == Some(true))
    }
}

/// Returns the era of a request.
pub fn era_of(context: &RequestContext<RoleServer>) -> Era {
    Era::of(context.protocol_version().as_ref())
}

/// Returns the capabilities that a request declares.
pub fn declared_by(context: &RequestContext<RoleServer>) -> JsonObject {
    let declared = serde_json::to_value(context.client_capabilities());
    declared
        .ok()
        .and_then(|declared| declared.as_object().cloned())
        .unwrap_or_default()
}

impl<Server> Drop for Mounted<Server> {
    fn drop(&mut self) {
        for uri in self.subscribed.get_mut().iter() {
            self.mount.subscriptions.remove(uri, self.session);
        }
    }
}

/// The transports of the SDK. They choose the stream of a message themselves, and cannot close it.
struct SdkChannel;

impl Channel for SdkChannel {
    fn route(&self, _target: LogTarget, _message: &mut Extensions) {}

    fn suspend(&self, _retry_ms: u32) {}

    fn has_no_stream(&self, _error: &ServiceError) -> bool {
        false
    }
}
