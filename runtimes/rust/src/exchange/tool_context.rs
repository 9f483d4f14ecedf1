//! The interface between a running tool and its caller.
#![allow(deprecated, reason = "the supported revisions have logging and sampling")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use rmcp::{
    RoleServer,
    model::{
        CancelledNotification, CancelledNotificationParam, ClientCapabilities, ClientResult,
        CreateMessageRequest, CreateMessageRequestParams, CreateMessageResult, ElicitRequest,
        ElicitRequestParams, ElicitResult, GetExtensions, LoggingLevel, LoggingMessageNotification,
        LoggingMessageNotificationParam, Notification, NumberOrString, ProgressNotification,
        ProgressNotificationParam, ProgressToken, RequestId, ServerNotification, ServerRequest,
    },
    service::{Peer, PeerRequestOptions, ServiceError},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    exchanges::{CallScope, Exchange},
    subscriptions::Subscriptions,
    transport::{NoOpenStream, Route, SessionTransport},
};
use crate::json_rpc::MessageId;

/// The time limit for the caller's response to a server request.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

/// A tool failure whose message is safe to send. It becomes a result with `isError` (MCP-4).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ToolFailure(String);

impl ToolFailure {
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// The destination of a tool's log message.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogTarget {
    /// The stream of the request.
    #[default]
    Request,
    /// The live stream of the session.
    Live,
}

/// The lowest level of log messages that a session receives. By default, a session receives all levels (MCP-8).
#[derive(Default)]
pub struct LogThreshold(AtomicU8);

impl LogThreshold {
    pub fn set(&self, level: LoggingLevel) {
        self.0.store(level as u8, Ordering::Relaxed);
    }

    fn allows(&self, level: LoggingLevel) -> bool {
        level as u8 >= self.0.load(Ordering::Relaxed)
    }
}

/// A tool call in flight. Methods that send wait until the reader has room (STREAM-11).
#[derive(Clone)]
pub struct ToolContext {
    pub exchange: Arc<Exchange>,
    pub peer: Peer<RoleServer>,
    pub threshold: Arc<LogThreshold>,
    pub subscriptions: Arc<Subscriptions>,
}

impl ToolContext {
    /// Returns the scope of the call.
    pub fn scope(&self) -> &CallScope {
        &self.exchange.scope
    }

    /// Returns the token that is cancelled when the work must stop. The future of the tool is then dropped, so the
    /// tool need not check the token.
    pub fn cancellation(&self) -> &tokio_util::sync::CancellationToken {
        &self.exchange.cancelled
    }

    /// Sends a log message, unless its level is below the threshold of the session.
    pub async fn log(&self, target: LogTarget, logger: Option<&str>, data: Value) -> Result<(), ToolFailure> {
        let level = LoggingLevel::Info;
        if !self.threshold.allows(level) {
            return Ok(());
        }
        let mut params = LoggingMessageNotificationParam::new(level, data);
        params.logger = logger.map(str::to_owned);
        let mut notification: LoggingMessageNotification = Notification::new(params);
        notification.extensions.insert(match target {
            LogTarget::Request => self.route(),
            LogTarget::Live => Route::Live,
        });
        self.send(notification.into()).await
    }

    /// Returns the caller's progress token as text.
    pub fn progress_token(&self) -> Option<String> {
        MessageId::from_token(self.exchange.progress_token.as_deref()?).map(|token| token.text())
    }

    /// Sends a progress notification if the request has a progress token (MCP-7).
    pub async fn progress(&self, progress: f64, total: f64, message: String) -> Result<(), ToolFailure> {
        if self.exchange.progress_token.is_none() {
            return Ok(());
        }
        // The transport replaces this token with the caller's, because the SDK cannot represent every token.
        let token = ProgressToken(NumberOrString::Number(self.exchange.number));
        let params = ProgressNotificationParam::new(token, progress)
            .with_total(total)
            .with_message(message);
        let mut notification: ProgressNotification = Notification::new(params);
        notification.extensions.insert(self.route());
        self.send(notification.into()).await
    }

    /// Asks the caller's model for a message.
    ///
    /// # Errors
    /// Returns an error if no open stream can carry the request, or the caller does not answer validly (MCP-9).
    pub async fn sample(
        &self,
        params: CreateMessageRequestParams,
    ) -> Result<CreateMessageResult, ToolFailure> {
        if self.capabilities().sampling.is_none() {
            return Err(ToolFailure::new("The caller does not support sampling"));
        }
        let request = CreateMessageRequest::new(params);
        match self.ask("sampling", request.into()).await? {
            ClientResult::CreateMessageResult(answer) => Ok(*answer),
            _ => Err(no_answer("sampling")),
        }
    }

    /// Asks the caller's user to fill in a form.
    ///
    /// # Errors
    /// Returns an error if no open stream can carry the request, or the caller does not answer validly (MCP-9).
    pub async fn elicit(&self, form: ElicitRequestParams) -> Result<ElicitResult, ToolFailure> {
        match self.capabilities().elicitation {
            None => Err(ToolFailure::new("The caller does not support elicitation")),
            Some(modes) if modes.url.is_some() && modes.form.is_none() => {
                Err(ToolFailure::new("The caller does not support form elicitation"))
            }
            Some(_) => {
                let request = ElicitRequest::new(form);
                match self.ask("elicitation", request.into()).await? {
                    ClientResult::ElicitResult(answer) => Ok(answer),
                    _ => Err(no_answer("elicitation")),
                }
            }
        }
    }

    /// Closes the request's stream, but the request keeps running. The caller may resume the stream after `retry_ms`.
    pub fn suspend_stream(&self, retry_ms: u32) {
        self.exchange.path.suspend(retry_ms);
    }

    /// Notifies the subscribers of a resource that it has changed (MCP-10).
    pub async fn resource_updated(&self, uri: &str) {
        self.subscriptions.notify(uri).await;
    }

    fn capabilities(&self) -> ClientCapabilities {
        self.peer
            .peer_info()
            .map(|info| info.capabilities.clone())
            .unwrap_or_default()
    }

    fn route(&self) -> Route {
        Route::Request(self.exchange.clone())
    }

    async fn send(&self, notification: ServerNotification) -> Result<(), ToolFailure> {
        self.peer
            .send_notification(notification)
            .await
            .map_err(|_| ToolFailure::new("The session has ended"))
    }

    async fn ask(&self, what: &'static str, mut request: ServerRequest) -> Result<ClientResult, ToolFailure> {
        request.extensions_mut().insert(self.route());
        let handle = self
            .peer
            .send_cancellable_request(request, PeerRequestOptions::no_options())
            .await
            .map_err(|_| no_answer(what))?;
        let pending = PendingRequest {
            id: Some(handle.id.clone()),
            context: self,
        };
        let answer = tokio::time::timeout(RESPONSE_TIMEOUT, handle.await_response())
            .await
            .map_err(|_| no_answer(what))?;
        pending.settle();
        answer.map_err(|error| match error {
            ServiceError::TransportSend(error)
                if error.is::<SessionTransport, RoleServer>() && error.error.is::<NoOpenStream>() =>
            {
                ToolFailure::new(format!("The caller has no open stream for the {what} request"))
            }
            _ => no_answer(what),
        })
    }
}

fn no_answer(what: &str) -> ToolFailure {
    ToolFailure::new(format!(
        "The caller did not give a valid answer to the {what} request"
    ))
}

/// A pending server request. If this value is dropped before the response arrives, the caller receives a cancellation.
struct PendingRequest<'a> {
    id: Option<RequestId>,
    context: &'a ToolContext,
}

impl PendingRequest<'_> {
    fn settle(mut self) {
        self.id = None;
    }
}

impl Drop for PendingRequest<'_> {
    fn drop(&mut self) {
        let Some(id) = self.id.take() else {
            return;
        };
        let params = CancelledNotificationParam::new(Some(id), None);
        let mut cancelled: CancelledNotification = Notification::new(params);
        cancelled.extensions.insert(self.context.route());
        let context = self.context.clone();
        tokio::spawn(async move { context.send(cancelled.into()).await });
    }
}
