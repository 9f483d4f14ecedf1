//! The SDK's transport for one session.

use std::{future::Future, sync::Arc};

use rmcp::{
    ErrorData, RoleServer,
    model::{
        ClientJsonRpcMessage, GetExtensions, JsonRpcMessage, RequestId, RequestMetaObject,
        ServerJsonRpcMessage, ServerNotification, ServerRequest, ServerResult,
    },
    transport::Transport,
};
use tokio::sync::mpsc;

use super::exchanges::{Exchange, Exchanges};
use crate::{
    json_rpc::write,
    stream::{EventSink, EventStreams},
};

/// The error returned if no open stream can carry a request to the caller.
#[derive(Debug, thiserror::Error)]
#[error("no stream is open")]
pub struct NoOpenStream;

/// The route of a server message. A notification or server request without a route goes to the live stream, and does
/// not wait for the reader.
#[derive(Clone)]
pub enum Route {
    /// To the stream of the request that the message belongs to.
    Request(Arc<Exchange>),
    /// To the live stream of the session. The sender waits for the reader.
    Live,
}

/// Receives the caller's messages from a queue, and routes server messages to their requests.
pub struct SessionTransport {
    pub inbox: mpsc::Receiver<Box<ClientJsonRpcMessage>>,
    pub exchanges: Arc<Exchanges>,
    pub streams: Arc<EventStreams>,
}

/// The sink that must have room before the sender continues, if any.
type Room = Option<EventSink>;

impl SessionTransport {
    /// Routes a message immediately, so that messages keep their order.
    fn deliver(&self, message: ServerJsonRpcMessage) -> Result<Room, NoOpenStream> {
        match message {
            JsonRpcMessage::Response(response) => {
                self.answer(&response.id, Ok(response.result));
                Ok(None)
            }
            JsonRpcMessage::Error(error) => {
                if let Some(id) = &error.id {
                    self.answer(id, Err(error.error));
                }
                Ok(None)
            }
            JsonRpcMessage::Notification(notification) => {
                let route = notification.notification.extensions().get().cloned();
                Ok(self.notify(notification.notification, route))
            }
            JsonRpcMessage::Request(mut request) => {
                let route = request.request.extensions().get().cloned();
                remove_progress_token(&mut request.request);
                self.ask(write(&JsonRpcMessage::<_, (), ()>::Request(request)), route)
            }
        }
    }

    fn answer(&self, id: &RequestId, outcome: Result<ServerResult, ErrorData>) {
        if let RequestId::Number(number) = *id {
            self.exchanges.answer(number, outcome);
        }
    }

    fn notify(&self, notification: ServerNotification, route: Option<Route>) -> Room {
        match route {
            Some(Route::Request(exchange)) => match notification {
                ServerNotification::ProgressNotification(progress) => exchange
                    .path
                    .message(exchange.progress_message(&progress.params)?),
                // A cancellation takes the same stream as the request that it cancels.
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

    /// Sends a server request to the stream of the caller's request, or to the live stream if that request came through
    /// `Invoke` (POST-2).
    fn ask(&self, request: String, route: Option<Route>) -> Result<Room, NoOpenStream> {
        if let Some(Route::Request(exchange)) = route
            && exchange.path.is_interactive()
        {
            return Ok(exchange.path.message(request));
        }
        if self.streams.reader(EventStreams::LIVE).is_none() {
            return Err(NoOpenStream);
        }
        Ok(self.live(&request))
    }

    fn live(&self, message: &str) -> Room {
        self.streams.push(EventStreams::LIVE, message)
    }
}

fn json_of(notification: ServerNotification) -> String {
    write(&ServerJsonRpcMessage::notification(notification))
}

/// Removes the progress token that the SDK adds to every server request, because the runtime ignores the caller's
/// progress notifications.
fn remove_progress_token(request: &mut ServerRequest) {
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
        self.inbox.recv().await.map(|message| *message)
    }

    async fn close(&mut self) -> Result<(), NoOpenStream> {
        self.inbox.close();
        Ok(())
    }
}
