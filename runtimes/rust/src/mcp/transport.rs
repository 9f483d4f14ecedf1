//! The SDK's transport of one session.

use std::{future::Future, sync::Arc};

use rmcp::{
    RoleServer,
    model::{
        ClientJsonRpcMessage, GetExtensions, JsonRpcMessage, RequestId, RequestMetaObject,
        ServerJsonRpcMessage, ServerNotification, ServerRequest,
    },
    transport::Transport,
};
use tokio::sync::mpsc;

use super::{
    exchange::{Exchange, Exchanges},
    failure::{object_of, shield},
};
use crate::{
    grpc::EventSink,
    json_rpc::{error_response, result_response, write},
    session::EventStreams,
};

/// The caller cannot be asked: no stream is open that a question could arrive on.
#[derive(Debug, thiserror::Error)]
#[error("no stream is open")]
pub struct NoOpenStream;

/// Where a message of the server goes. A notification or question that carries none goes to the live stream, and does
/// not wait for its reader.
#[derive(Clone)]
pub enum Route {
    /// To the request that it belongs to.
    Request(Arc<Exchange>),
    /// To the live stream of the session, as fast as it is read.
    Live,
}

/// Takes messages of the caller from a queue and gives those of the server to the requests that they belong to.
pub struct SessionTransport {
    pub inbox: mpsc::Receiver<ClientJsonRpcMessage>,
    pub exchanges: Arc<Exchanges>,
    pub streams: Arc<EventStreams>,
}

/// Whose room a sender waits for.
type Room = Option<EventSink>;

impl SessionTransport {
    /// Puts a message on its way at once, so that the order of messages is the order of sends.
    fn deliver(&self, message: ServerJsonRpcMessage) -> Result<Room, NoOpenStream> {
        match message {
            JsonRpcMessage::Response(response) => {
                self.answer(&response.id, |exchange| {
                    result_response(&exchange.id, &response.result)
                });
                Ok(None)
            }
            JsonRpcMessage::Error(error) => {
                let shielded = shield(error.error);
                if let Some(id) = &error.id {
                    self.answer(id, |exchange| {
                        error_response(Some(&exchange.id), &object_of(&shielded))
                    });
                }
                Ok(None)
            }
            JsonRpcMessage::Notification(notification) => {
                let route = notification.notification.extensions().get().cloned();
                Ok(self.notify(notification.notification, route))
            }
            JsonRpcMessage::Request(mut request) => {
                let route = request.request.extensions().get().cloned();
                without_progress_token(&mut request.request);
                self.ask(write(&JsonRpcMessage::<_, (), ()>::Request(request)), route)
            }
        }
    }

    fn answer(&self, id: &RequestId, response: impl FnOnce(&Exchange) -> String) {
        if let RequestId::Number(number) = *id {
            self.exchanges.answer(number, response);
        }
    }

    fn notify(&self, notification: ServerNotification, route: Option<Route>) -> Room {
        match route {
            Some(Route::Request(exchange)) => match notification {
                ServerNotification::ProgressNotification(progress) => exchange
                    .path
                    .message(exchange.progress_message(&progress.params)?),
                // It follows the question that it is about.
                ServerNotification::CancelledNotification(_) if !exchange.path.is_interactive() => {
                    self.live(&json_of(notification))
                }
                _ => exchange.path.message(json_of(notification)),
            },
            Some(Route::Live) => self.live(&json_of(notification)),
            None => {
                self.live(&json_of(notification));
                None
            }
        }
    }

    /// Questions arrive on the stream of the request; for a request on `Invoke`, on the live stream (POST-2).
    fn ask(&self, question: String, route: Option<Route>) -> Result<Room, NoOpenStream> {
        if let Some(Route::Request(exchange)) = route
            && exchange.path.is_interactive()
        {
            return Ok(exchange.path.message(question));
        }
        if self.streams.reader(EventStreams::LIVE).is_none() {
            return Err(NoOpenStream);
        }
        Ok(self.live(&question))
    }

    fn live(&self, message: &str) -> Room {
        self.streams.push(EventStreams::LIVE, message)
    }
}

fn json_of(notification: ServerNotification) -> String {
    write(&ServerJsonRpcMessage::notification(notification))
}

/// The SDK offers a token for progress with every question; nobody here would hear of that progress.
fn without_progress_token(request: &mut ServerRequest) {
    request.extensions_mut().remove::<RequestMetaObject>();
}

impl Transport<RoleServer> for SessionTransport {
    type Error = NoOpenStream;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), NoOpenStream>> + Send + 'static {
        let delivered = self.deliver(message);
        async move {
            if let Some(reader) = delivered? {
                reader.room().await;
            }
            Ok(())
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.inbox.recv().await
    }

    async fn close(&mut self) -> Result<(), NoOpenStream> {
        self.inbox.close();
        Ok(())
    }
}
