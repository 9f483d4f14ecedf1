//! A request in flight without a session, and the SDK's transport for it. Each request has a server of its own, so
//! requests share no state.
#![allow(deprecated, reason = "the revision 2026-07-28 has logging")]

use std::{future::Future, sync::Arc};

use mcp_conformance_catalog::{CallScope, CallerToken, Channel, LogTarget};
use rmcp::{
    RoleServer,
    model::{
        ClientJsonRpcMessage, ErrorCode, Extensions, JsonRpcMessage, LoggingLevel, NumberOrString,
        ProgressToken, ServerJsonRpcMessage, ServerNotification, ServerResult,
    },
    service::ServiceError,
    transport::Transport,
};
use serde::Serialize;
use serde_json::{Map, Value, json, value::RawValue};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    exchange::rpc_failure::{object_of, shield},
    json_rpc::{MessageId, code, error_response, progress_notification, result_response, write},
};

/// The number of messages that wait for the call. Producers wait when the queue is full (STREAM-11).
const OUTPUT_MESSAGES: usize = 4;

/// The id and the progress token that the SDK sees instead of the caller's tokens, which it cannot always represent.
pub const SDK_TOKEN: NumberOrString = NumberOrString::Number(0);

/// A part of the answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// A message before the response.
    Message(String),
    /// The response, which is the last part.
    Response { status: u16, json: String },
}

/// A request in flight.
pub struct Exchange {
    pub id: MessageId,
    pub progress_token: Option<Box<RawValue>>,
    pub scope: CallScope,
    /// All capabilities that the request declares, including unknown ones.
    pub declared: Map<String, Value>,
    pub log_level: Option<LoggingLevel>,
    /// A token that is cancelled when the work must stop.
    pub cancelled: CancellationToken,
}

impl Exchange {
    /// Returns the progress token for a tool.
    pub fn caller_token(&self) -> Option<CallerToken> {
        let caller = MessageId::from_token(self.progress_token.as_deref()?)?;
        Some(CallerToken {
            token: ProgressToken(SDK_TOKEN),
            text: caller.text(),
        })
    }

    fn notification(&self, notification: ServerNotification) -> Option<String> {
        let ServerNotification::ProgressNotification(progress) = notification else {
            return Some(write(&ServerJsonRpcMessage::notification(notification)));
        };
        let params = progress.params;
        let token = self.progress_token.as_deref()?;
        Some(progress_notification(
            token,
            params.progress,
            params.total,
            params.message.as_deref(),
        ))
    }
}

/// Returns the HTTP status of a response with an error.
pub fn status_of(error: ErrorCode) -> u16 {
    match error.0 {
        code::METHOD_NOT_FOUND => 404,
        code::HEADER_MISMATCH | code::MISSING_CAPABILITY | code::UNSUPPORTED_REVISION => 400,
        _ => 200,
    }
}

/// A result with the server's name and version in `_meta`.
#[derive(Serialize)]
struct Named<'a> {
    #[serde(flatten)]
    result: &'a ServerResult,
    #[serde(rename = "_meta")]
    meta: Value,
}

/// Returns the `_meta` of a result.
pub fn result_meta(version: &str) -> Map<String, Value> {
    let server = json!({ "name": super::SERVER_NAME, "version": version });
    Map::from_iter([("io.modelcontextprotocol/serverInfo".to_owned(), server)])
}

fn result_json(id: &MessageId, result: &ServerResult, version: &str) -> String {
    // The SDK itself names the server in the answer to `server/discover`.
    if matches!(result, ServerResult::DiscoverResult(_)) {
        return result_response(id, result);
    }
    let meta = Value::Object(result_meta(version));
    result_response(id, &Named { result, meta })
}

/// Gives the SDK one request, and passes on the messages that answer it.
pub struct RequestTransport {
    request: Option<Box<ClientJsonRpcMessage>>,
    exchange: Arc<Exchange>,
    version: &'static str,
    output: mpsc::Sender<Output>,
    answered: CancellationToken,
}

/// The error returned if the call has ended.
#[derive(Debug, thiserror::Error)]
#[error("the call has ended")]
pub struct CallEnded;

impl RequestTransport {
    pub fn new(
        request: Box<ClientJsonRpcMessage>,
        exchange: Arc<Exchange>,
        version: &'static str,
    ) -> (Self, mpsc::Receiver<Output>) {
        let (output, received) = mpsc::channel(OUTPUT_MESSAGES);
        let transport = Self {
            request: Some(request),
            exchange,
            version,
            output,
            answered: CancellationToken::new(),
        };
        (transport, received)
    }

    fn output_of(&self, message: ServerJsonRpcMessage) -> Option<Output> {
        match message {
            JsonRpcMessage::Response(response) => Some(Output::Response {
                status: 200,
                json: result_json(&self.exchange.id, &response.result, self.version),
            }),
            JsonRpcMessage::Error(error) => {
                let status = status_of(error.error.code);
                let shielded = shield(error.error);
                let json = error_response(Some(&self.exchange.id), &object_of(&shielded));
                Some(Output::Response { status, json })
            }
            JsonRpcMessage::Notification(notification) => {
                let json = self.exchange.notification(notification.notification)?;
                Some(Output::Message(json))
            }
            // The SDK sends no requests in this era.
            JsonRpcMessage::Request(_) => None,
        }
    }
}

impl Transport<RoleServer> for RequestTransport {
    type Error = CallEnded;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), CallEnded>> + Send + 'static {
        let output = self.output_of(message);
        let sender = self.output.clone();
        let answered = self.answered.clone();
        async move {
            let Some(output) = output else {
                return Ok(());
            };
            let is_response = matches!(output, Output::Response { .. });
            let sent = sender.send(output).await;
            if is_response {
                answered.cancel();
            }
            sent.map_err(|_| CallEnded)
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        if let Some(request) = self.request.take() {
            return Some(*request);
        }
        self.answered.cancelled().await;
        None
    }

    async fn close(&mut self) -> Result<(), CallEnded> {
        Ok(())
    }
}

/// A tool can reach its caller only through the answer to its request.
pub struct AnswerChannel;

impl Channel for AnswerChannel {
    fn route(&self, _target: LogTarget, _message: &mut Extensions) {}

    fn suspend(&self, _retry_ms: u32) {}

    fn has_no_stream(&self, _error: &ServiceError) -> bool {
        true
    }
}
