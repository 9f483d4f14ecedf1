use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use rmcp::{
    ErrorData, RoleServer,
    model::{ClientJsonRpcMessage, GetExtensions, RequestId},
    service::{RunningService, serve_server},
};
use tokio::sync::mpsc;

use super::{
    client_message::{client_notification, client_request, client_response},
    exchange::{CallScope, Exchange, Exchanges, Outcome, ResponsePath},
    failure::{invalid_params, method_not_found, object_of},
    handler::McpHandler,
    transport::SessionTransport,
};
use crate::{
    catalog::Catalog,
    json_rpc::{Incoming, NotificationMessage, RequestMessage, error_response},
    session::EventStreams,
};

/// How many messages may wait for the SDK; who sends more waits.
const INBOX_MESSAGES: usize = 64;

/// What a connection is made of.
pub struct ConnectionSettings {
    pub handler: McpHandler,
    pub streams: Arc<EventStreams>,
}

/// One MCP connection: the SDK's server, and the requests that are under way in it.
pub struct Connection {
    inbox: mpsc::Sender<ClientJsonRpcMessage>,
    exchanges: Arc<Exchanges>,
    catalog: Arc<Catalog>,
    next: AtomicI64,
    server: RunningService<RoleServer, McpHandler>,
}

impl Connection {
    /// Carries out `initialize`. Its outcome is on the path; there is a connection only where it succeeded (INIT-4).
    pub async fn open(
        settings: ConnectionSettings,
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
            streams: settings.streams.clone(),
        };
        let catalog = settings.handler.catalog().clone();
        let Ok(server) = serve_server(settings.handler, transport).await else {
            exchanges.close();
            return None;
        };
        settings
            .streams
            .negotiated(server.peer_info()?.protocol_version.as_str());
        Some(Self {
            inbox,
            exchanges,
            catalog,
            next: AtomicI64::new(1),
            server,
        })
    }

    /// How many requests are under way.
    pub fn under_way(&self) -> usize {
        self.exchanges.len()
    }

    /// Begins a request, which is cancelled with the guard (DEADLINE-1, DEADLINE-2, POST-5).
    pub async fn begin(
        &self,
        request: &RequestMessage,
        scope: CallScope,
        path: ResponsePath,
    ) -> RequestGuard {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let exchange = Arc::new(Exchange::new(number, request, scope, path));
        let guard = RequestGuard {
            exchanges: Some(self.exchanges.clone()),
            number,
        };
        if !self.catalog.serves(&request.method) {
            refuse(&exchange, &method_not_found());
        } else if let Some(message) = sdk_request(&exchange, request) {
            self.exchanges.add(exchange);
            if self.inbox.send(message).await.is_err() {
                self.exchanges.close();
            }
        }
        guard
    }

    /// Takes a message that is no request.
    pub async fn take(&self, message: Incoming) {
        let message = match message {
            Incoming::Notification(notification) => self.notification(&notification),
            Incoming::Response(response) => client_response(&response),
            Incoming::Request(_) => None,
        };
        if let Some(message) = message {
            // Where nobody takes it, the session is ending.
            let _ = self.inbox.send(message).await;
        }
    }

    /// `notifications/cancelled` names a request by the caller's id, which the SDK does not know.
    fn notification(&self, notification: &NotificationMessage) -> Option<ClientJsonRpcMessage> {
        if notification.method != "notifications/cancelled" {
            return client_notification(notification);
        }
        if let Some(id) = notification.cancelled_request() {
            self.exchanges.cancel_named(&id);
        }
        None
    }

    /// Ends the requests under way (SESSION-8), and the SDK's server.
    pub fn close(&self) {
        self.exchanges.close();
        self.server.cancellation_token().cancel();
    }
}

/// A request of a call. Where the call ends before the request does, its work stops.
pub struct RequestGuard {
    exchanges: Option<Arc<Exchanges>>,
    number: i64,
}

impl RequestGuard {
    /// Lets the request outlive its call, which ended in the regular way.
    pub fn release(mut self) {
        self.exchanges = None;
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        if let Some(exchanges) = &self.exchanges {
            exchanges.cancel(self.number);
        }
    }
}

/// A request for the SDK, which carries its exchange. One that is none of the SDK's is answered at once.
fn sdk_request(exchange: &Arc<Exchange>, request: &RequestMessage) -> Option<ClientJsonRpcMessage> {
    match client_request(request) {
        None => refuse(exchange, &method_not_found()),
        Some(Err(_)) => refuse(exchange, &invalid_params("The params do not fit the method")),
        Some(Ok(mut sdk_request)) => {
            sdk_request.extensions_mut().insert(exchange.clone());
            let id = RequestId::Number(exchange.number);
            return Some(ClientJsonRpcMessage::request(sdk_request, id));
        }
    }
    None
}

fn refuse(exchange: &Exchange, error: &ErrorData) {
    let response = error_response(Some(&exchange.id), &object_of(error));
    exchange.path.finish(Outcome::Response(response));
}
