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
        ElicitRequestParams, ElicitResult, Extensions, GetExtensions, LoggingLevel,
        LoggingMessageNotification, LoggingMessageNotificationParam, Notification, ProgressNotification,
        ProgressNotificationParam, ProgressToken, RequestId, ServerNotification, ServerRequest,
    },
    service::{Peer, PeerRequestOptions, ServiceError},
};
use serde::Deserialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::{CallScope, Change, Round, Subscriptions};

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

/// A log message of a tool.
#[derive(Clone, Debug)]
pub struct LogMessage<'a> {
    pub level: LoggingLevel,
    pub logger: Option<&'a str>,
    pub data: Value,
}

impl LogMessage<'_> {
    /// Creates a message of level `info` without a logger.
    pub fn info(data: Value) -> Self {
        Self {
            level: LoggingLevel::Info,
            logger: None,
            data,
        }
    }
}

/// The lowest level of log messages that a session receives. By default, a session receives all levels (MCP-8).
#[derive(Default)]
pub struct LogThreshold(AtomicU8);

impl LogThreshold {
    /// Creates the threshold of a request without a session, which receives messages only if it names a level.
    pub fn of_request(level: Option<LoggingLevel>) -> Self {
        Self(AtomicU8::new(level.map_or(u8::MAX, |level| level as u8)))
    }

    pub fn set(&self, level: LoggingLevel) {
        self.0.store(level as u8, Ordering::Relaxed);
    }

    fn allows(&self, level: LoggingLevel) -> bool {
        level as u8 >= self.0.load(Ordering::Relaxed)
    }
}

/// The way from a tool call to its caller.
pub trait Channel: Send + Sync {
    /// Marks a message of the call for the transport, so that it reaches its destination.
    fn route(&self, target: LogTarget, message: &mut Extensions);

    /// Closes the stream of the call, which keeps running. The caller may resume the stream after `retry_ms`.
    fn suspend(&self, retry_ms: u32);

    /// Returns whether a request failed because no open stream could carry it.
    fn has_no_stream(&self, error: &ServiceError) -> bool;
}

/// The progress token of a call.
#[derive(Clone, Debug)]
pub struct CallerToken {
    /// The token in notifications to the SDK.
    pub token: ProgressToken,
    /// The caller's token as text.
    pub text: String,
}

/// A tool call in flight. Methods that send wait until the reader has room (STREAM-11).
#[derive(Clone)]
pub struct ToolContext {
    pub scope: CallScope,
    pub progress_token: Option<CallerToken>,
    /// A token that is cancelled when the work must stop. The future of the tool is then dropped, so the tool need not
    /// check the token.
    pub cancellation: CancellationToken,
    pub channel: Arc<dyn Channel>,
    pub peer: Peer<RoleServer>,
    pub threshold: Arc<LogThreshold>,
    pub subscriptions: Arc<Subscriptions>,
    /// The round of a request without a session. `None` in a session.
    pub round: Option<Round>,
}

impl ToolContext {
    /// Sends a log message, unless its level is below the threshold of the session or request.
    ///
    /// # Errors
    /// Returns an error if the session has ended, or if a request without a session asks for the live stream.
    pub async fn log(&self, target: LogTarget, message: LogMessage<'_>) -> Result<(), ToolFailure> {
        if target == LogTarget::Live && self.round.is_some() {
            return Err(ToolFailure::new("This MCP revision has no live stream"));
        }
        if !self.threshold.allows(message.level) {
            return Ok(());
        }
        let mut params = LoggingMessageNotificationParam::new(message.level, message.data);
        params.logger = message.logger.map(str::to_owned);
        let mut notification: LoggingMessageNotification = Notification::new(params);
        self.channel.route(target, &mut notification.extensions);
        self.send(notification.into()).await
    }

    /// Sends a progress notification if the request has a progress token (MCP-7).
    ///
    /// # Errors
    /// Returns an error if the session has ended.
    pub async fn progress(&self, progress: f64, total: f64, message: String) -> Result<(), ToolFailure> {
        let Some(CallerToken { token, .. }) = self.progress_token.clone() else {
            return Ok(());
        };
        let params = ProgressNotificationParam::new(token, progress)
            .with_total(total)
            .with_message(message);
        let mut notification: ProgressNotification = Notification::new(params);
        self.route(&mut notification.extensions);
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
        self.channel.suspend(retry_ms);
    }

    /// Notifies the subscribers of a resource that it has changed (MCP-10).
    pub async fn resource_updated(&self, uri: &str) {
        self.subscriptions.notify(uri).await;
    }

    /// Announces a change to the subscriptions that asked for it.
    pub fn announce(&self, change: &Change) {
        self.subscriptions.listeners.announce(change);
    }

    fn capabilities(&self) -> ClientCapabilities {
        self.peer
            .peer_info()
            .map(|info| info.capabilities.clone())
            .unwrap_or_default()
    }

    fn route(&self, message: &mut Extensions) {
        self.channel.route(LogTarget::Request, message);
    }

    async fn send(&self, notification: ServerNotification) -> Result<(), ToolFailure> {
        self.peer
            .send_notification(notification)
            .await
            .map_err(|_| ToolFailure::new("The session has ended"))
    }

    async fn ask(&self, what: &'static str, mut request: ServerRequest) -> Result<ClientResult, ToolFailure> {
        self.route(request.extensions_mut());
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
        answer.map_err(|error| {
            if self.channel.has_no_stream(&error) {
                ToolFailure::new(format!("The caller has no open stream for the {what} request"))
            } else {
                no_answer(what)
            }
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
        self.context.route(&mut cancelled.extensions);
        let context = self.context.clone();
        tokio::spawn(async move { context.send(cancelled.into()).await });
    }
}
