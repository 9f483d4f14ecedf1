//! The MCP connection of a session.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use mcp_conformance_catalog::{CallScope, Catalog, Era};
use rmcp::{
    ErrorData, RoleServer,
    model::{ClientJsonRpcMessage, GetExtensions, RequestId},
    service::{RunningService, serve_server},
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
    revision,
    stream::EventStreams,
};

/// The capacity of the queue to the SDK, in messages. Senders wait when the queue is full.
const INBOX_MESSAGES: usize = 64;

/// The MCP connection of a session: the SDK's server, and the requests in flight.
pub struct Connection {
    /// Messages are boxed, because the queue of every session allocates room for many messages in advance.
    inbox: mpsc::Sender<Box<ClientJsonRpcMessage>>,
    exchanges: Arc<Exchanges>,
    catalog: Arc<Catalog>,
    next_number: AtomicI64,
    server: RunningService<RoleServer, McpHandler>,
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
        let sdk_request = sdk_request(&exchange, request)?;
        exchanges.add(exchange);
        inbox.try_send(sdk_request).ok()?;
        let transport = SessionTransport {
            inbox: messages,
            exchanges: exchanges.clone(),
            streams: streams.clone(),
        };
        let catalog = handler.catalog().clone();
        let Ok(server) = serve_server(handler, transport).await else {
            exchanges.close();
            return None;
        };
        if revision::has_priming_events(&server.peer_info()?.protocol_version) {
            streams.prime();
        }
        Some(Self {
            inbox,
            exchanges,
            catalog,
            next_number: AtomicI64::new(1),
            server,
        })
    }

    /// Returns the number of requests in flight.
    pub fn in_flight(&self) -> usize {
        self.exchanges.len()
    }

    /// Begins a request. Dropping the returned guard cancels the request (DEADLINE-1, DEADLINE-2, POST-5).
    pub async fn begin(
        &self,
        request: &RequestMessage,
        scope: CallScope,
        path: ResponsePath,
    ) -> RequestGuard {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let exchange = Arc::new(Exchange::new(number, request, scope, path));
        let guard = RequestGuard::new(self.exchanges.clone(), number);
        if !self.catalog.serves(Era::Legacy, &request.method) {
            refuse(&exchange, &method_not_found());
        } else if let Some(message) = sdk_request(&exchange, request) {
            self.exchanges.add(exchange);
            if self.inbox.send(message).await.is_err() {
                self.exchanges.close();
            }
        }
        guard
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

    /// Ends the requests in flight (SESSION-8), and the SDK's server.
    pub fn close(&self) {
        self.exchanges.close();
        self.server.cancellation_token().cancel();
    }
}

/// Converts a request for the SDK and attaches its exchange. If the SDK cannot accept the request, answers it with an
/// error.
fn sdk_request(exchange: &Arc<Exchange>, request: &RequestMessage) -> Option<Box<ClientJsonRpcMessage>> {
    match client_request(request) {
        None => refuse(exchange, &method_not_found()),
        Some(Err(_)) => refuse(exchange, &invalid_params("The params are invalid for the method")),
        Some(Ok(mut sdk_request)) => {
            sdk_request.extensions_mut().insert(exchange.clone());
            let id = RequestId::Number(exchange.number);
            return Some(Box::new(ClientJsonRpcMessage::request(sdk_request, id)));
        }
    }
    None
}

fn refuse(exchange: &Exchange, error: &ErrorData) {
    let response = error_response(Some(&exchange.id), &object_of(error));
    exchange.path.finish(Outcome::Response(response));
}
