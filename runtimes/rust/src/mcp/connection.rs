//! The MCP connection of a session.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use futures_util::FutureExt;
use mcp_conformance_catalog::{CallScope, Era};
use rmcp::{
    ErrorData, RoleServer, Service,
    model::{ClientJsonRpcMessage, ClientRequest, GetExtensions, GetMeta, RequestId},
    service::{RequestContext, RunningService, serve_server},
};
use tokio::sync::mpsc;

use super::{
    client_message::{client_notification, client_request, client_response},
    handler::McpHandler,
};
use crate::{
    exchange::{
        Exchange, Exchanges, Outcome, RequestGuard, ResponsePath, SessionTransport,
        rpc_failure::{invalid_params, method_not_found, object_of},
    },
    json_rpc::{Incoming, NotificationMessage, RequestMessage, error_response},
    recovery::Recovering,
    revision,
    stream::EventStreams,
};

/// The capacity of the queue to the SDK, in messages. Senders wait when the queue is full.
const INBOX_MESSAGES: usize = 64;

type Handler = Recovering<Arc<McpHandler>>;

/// The MCP connection of a session: the SDK's server, and the requests in flight.
pub struct Connection {
    /// Messages are boxed, because the queue of every session allocates room for many messages in advance.
    inbox: mpsc::Sender<Box<ClientJsonRpcMessage>>,
    exchanges: Arc<Exchanges>,
    next_number: AtomicI64,
    handler: Handler,
    server: RunningService<RoleServer, Handler>,
}

impl Connection {
    /// Executes `initialize` and sends its outcome to `path`. Returns a connection only if the handshake
    /// succeeds (INIT-4).
    pub async fn open(
        handler: McpHandler,
        streams: Arc<EventStreams>,
        request: &RequestMessage,
        scope: CallScope,
        path: ResponsePath,
    ) -> Option<Self> {
        let (inbox, messages) = mpsc::channel(INBOX_MESSAGES);
        let exchanges = Arc::<Exchanges>::default();
        let exchange = Arc::new(Exchange::new(0, request, scope, path));
        let mut sdk_request = sdk_request(&exchange, request)?;
        sdk_request.extensions_mut().insert(exchange.clone());
        let id = RequestId::Number(exchange.number);
        exchanges.add(exchange);
        let message = ClientJsonRpcMessage::request(sdk_request, id);
        inbox.try_send(Box::new(message)).ok()?;
        let transport = SessionTransport {
            inbox: messages,
            exchanges: exchanges.clone(),
            streams: streams.clone(),
        };
        let handler = Recovering(Arc::new(handler));
        let Ok(server) = serve_server(handler.clone(), transport).await else {
            exchanges.close();
            return None;
        };
        if revision::has_priming_events(&server.peer_info()?.protocol_version) {
            streams.prime();
        }
        Some(Self {
            inbox,
            exchanges,
            next_number: AtomicI64::new(1),
            handler,
            server,
        })
    }

    /// Returns the number of requests in flight.
    pub fn in_flight(&self) -> usize {
        self.exchanges.len()
    }

    /// Begins a request. Dropping the returned guard cancels the request (DEADLINE-1, DEADLINE-2, POST-5).
    pub fn begin(&self, request: &RequestMessage, scope: CallScope, path: ResponsePath) -> RequestGuard {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let exchange = Arc::new(Exchange::new(number, request, scope, path));
        let guard = RequestGuard::new(self.exchanges.clone(), number);
        if !self.handler.0.catalog().serves(Era::Legacy, &request.method) {
            refuse(&exchange, &method_not_found());
        } else if let Some(request) = sdk_request(&exchange, request)
            && self.exchanges.add(exchange.clone())
        {
            self.execute(exchange, request);
        }
        guard
    }

    /// Calls the SDK's handler without the queue and the tasks of the SDK's server, which cost more than most requests.
    /// Only a request that has to wait gets a task of its own.
    fn execute(&self, exchange: Arc<Exchange>, request: ClientRequest) {
        let context = RequestContext::new(RequestId::Number(exchange.number), self.server.peer().clone());
        let work = execute(
            self.handler.clone(),
            self.exchanges.clone(),
            exchange,
            request,
            context,
        );
        let mut work = Box::pin(work);
        if work.as_mut().now_or_never().is_none() {
            tokio::spawn(work);
        }
    }

    /// Delivers a notification or a response to the SDK.
    pub async fn deliver(&self, message: Incoming) {
        let message = match message {
            Incoming::Notification(notification) => self.notification(&notification),
            Incoming::Response(response) => client_response(&response),
            Incoming::Request(_) => None,
        };
        if let Some(message) = message {
            // Sending fails if the session is closing.
            let _ = self.inbox.send(Box::new(message)).await;
        }
    }

    /// Converts a notification for the SDK. Handles `notifications/cancelled` itself, because the SDK does not know the
    /// caller's ids.
    fn notification(&self, notification: &NotificationMessage) -> Option<ClientJsonRpcMessage> {
        if notification.method != "notifications/cancelled" {
            return client_notification(notification);
        }
        if let Some(id) = notification.cancelled_request() {
            self.exchanges.cancel_named(&id);
        }
        None
    }

    /// Ends the requests in flight (SESSION-8), the subscriptions (MCP-18), and the SDK's server.
    pub fn close(&self) {
        self.exchanges.close();
        self.handler.0.close();
        self.server.cancellation_token().cancel();
    }
}

/// Executes a request and answers it, unless it ends first.
async fn execute(
    handler: Handler,
    exchanges: Arc<Exchanges>,
    exchange: Arc<Exchange>,
    mut request: ClientRequest,
    mut context: RequestContext<RoleServer>,
) {
    let number = exchange.number;
    std::mem::swap(&mut context.meta, request.get_meta_mut());
    context.ct = exchange.cancelled.clone();
    context.extensions.insert(exchange);
    let outcome = handler.handle_request(request, context).await;
    exchanges.answer(number, outcome);
}

/// Converts a request for the SDK. If the SDK cannot accept the request, answers it with an error.
fn sdk_request(exchange: &Exchange, request: &RequestMessage) -> Option<ClientRequest> {
    match client_request(request) {
        None => refuse(exchange, &method_not_found()),
        Some(Err(_)) => refuse(exchange, &invalid_params("The params are invalid for the method")),
        Some(Ok(sdk_request)) => return Some(sdk_request),
    }
    None
}

fn refuse(exchange: &Exchange, error: &ErrorData) {
    let response = error_response(Some(&exchange.id), &object_of(error));
    exchange.path.finish(Outcome::Response(response));
}
