//! What a tool may do besides returning.
#![allow(
    deprecated,
    reason = "logging and sampling are served to the revisions that have them"
)]

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
use serde_json::{Value, value::RawValue};

use super::{
    exchange::{CallScope, Exchange},
    subscriptions::Subscriptions,
    transport::{NoOpenStream, Route, SessionTransport},
};
use crate::{catalog::ToolFailure, json_rpc::MessageId};

/// How long a caller may take to answer a question.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// Where a log message of a tool goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogTarget {
    /// With the request.
    Request,
    /// To the live stream of the session.
    Live,
}

/// The lowest level of log messages that a session wants; without one it wants all (MCP-8).
#[derive(Default)]
pub struct LogThreshold(AtomicU8);

impl LogThreshold {
    pub fn set(&self, level: LoggingLevel) {
        self.0.store(level as u8, Ordering::Relaxed);
    }

    fn lets_through(&self, level: LoggingLevel) -> bool {
        level as u8 >= self.0.load(Ordering::Relaxed)
    }
}

/// A tool's call and what it may do with its caller. Sends resolve when the reader has room for more (STREAM-11).
#[derive(Clone)]
pub struct ToolContext {
    pub(super) exchange: Arc<Exchange>,
    pub(super) peer: Peer<RoleServer>,
    pub(super) threshold: Arc<LogThreshold>,
    pub(super) subscriptions: Arc<Subscriptions>,
}

impl ToolContext {
    /// The call that the tool works for.
    pub fn scope(&self) -> &CallScope {
        &self.exchange.scope
    }

    /// Whether the work has to stop; tools are dropped then, and need not look.
    pub fn cancellation(&self) -> &tokio_util::sync::CancellationToken {
        &self.exchange.cancelled
    }

    /// Sends a log message, if its level is wanted.
    pub async fn log(&self, target: LogTarget, logger: Option<&str>, data: Value) -> Result<(), ToolFailure> {
        let level = LoggingLevel::Info;
        if !self.threshold.lets_through(level) {
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

    /// The caller's progress token as text.
    pub fn progress_token(&self) -> Option<String> {
        let token: &RawValue = self.exchange.progress_token.as_deref()?;
        MessageId::from_token(token).map(|token| token.text())
    }

    /// Sends a progress notification, where the caller gave a token for it (MCP-7).
    pub async fn progress(&self, progress: f64, total: f64, message: String) -> Result<(), ToolFailure> {
        if self.exchange.progress_token.is_none() {
            return Ok(());
        }
        // The transport writes the caller's own token, which the SDK may not be able to hold.
        let token = ProgressToken(NumberOrString::Number(self.exchange.number));
        let params = ProgressNotificationParam::new(token, progress)
            .with_total(total)
            .with_message(message);
        let mut notification: ProgressNotification = Notification::new(params);
        notification.extensions.insert(self.route());
        self.send(notification.into()).await
    }

    /// Asks the caller's model.
    ///
    /// # Errors
    /// Where the caller cannot be asked, or does not answer (MCP-9).
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
    /// Where the caller cannot be asked, or does not answer (MCP-9).
    pub async fn elicit(&self, form: ElicitRequestParams) -> Result<ElicitResult, ToolFailure> {
        match self.capabilities().elicitation {
            None => Err(ToolFailure::new("The caller does not support elicitation")),
            Some(modes) if modes.url.is_some() && modes.form.is_none() => Err(ToolFailure::new(
                "The caller does not support elicitation in forms",
            )),
            Some(_) => {
                let request = ElicitRequest::new(form);
                match self.ask("elicitation", request.into()).await? {
                    ClientResult::ElicitResult(answer) => Ok(answer),
                    _ => Err(no_answer("elicitation")),
                }
            }
        }
    }

    /// Closes the request's stream while the request goes on; a reader may come back after `retry_ms`.
    pub fn suspend_stream(&self, retry_ms: u32) {
        self.exchange.path.suspend(retry_ms);
    }

    /// Tells every session that subscribed to a resource that it changed (MCP-10).
    pub async fn resource_updated(&self, uri: &str) {
        self.subscriptions.updated(uri).await;
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
        let question = Question {
            id: Some(handle.id.clone()),
            context: self,
        };
        let answer = tokio::time::timeout(ANSWER_LIMIT, handle.await_response()).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(_) => return Err(no_answer(what)),
        };
        question.settle();
        answer.map_err(|error| match error {
            ServiceError::TransportSend(error)
                if error.is::<SessionTransport, RoleServer>() && error.error.is::<NoOpenStream>() =>
            {
                ToolFailure::new(format!(
                    "No stream is open on which the caller could be asked ({what})"
                ))
            }
            _ => no_answer(what),
        })
    }
}

fn no_answer(what: &str) -> ToolFailure {
    ToolFailure::new(format!("The caller did not answer as {what} asks for"))
}

/// A question that is open. The caller is told when nobody waits for its answer any more.
struct Question<'a> {
    id: Option<RequestId>,
    context: &'a ToolContext,
}

impl Question<'_> {
    fn settle(mut self) {
        self.id = None;
    }
}

impl Drop for Question<'_> {
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
