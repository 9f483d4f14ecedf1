use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rmcp::model::ProgressNotificationParam;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::{
    grpc::EventSink,
    identity::{Caller, Claims},
    json_rpc::{MessageId, RequestMessage, write},
    session::{EventStreams, StreamNumber},
};

/// The call that a request came with: what a tool sees of its caller (AUTH-9).
#[derive(Clone, Debug)]
pub struct CallScope {
    pub claims: Claims,
    /// The virtual server of the call, "" where there is none.
    pub server_id: String,
    /// Names what is kept for this caller and for no other: equal for all sessions of one owner (AUTH-10).
    pub owner: String,
}

impl CallScope {
    pub fn new(caller: &Caller, server_id: &str, session_id: &str) -> Self {
        Self {
            claims: caller.claims(),
            server_id: server_id.to_owned(),
            owner: match caller.owner() {
                Some(email) => format!("caller {email}"),
                None => format!("session {session_id}"),
            },
        }
    }
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With this response.
    Response(String),
    /// The caller cancelled it: there is no response (DEADLINE-3).
    Cancelled,
    /// The session was closed while it was under way (SESSION-8).
    Closed,
    /// Its messages are more than one answer may hold.
    TooLarge,
}

/// The whole answer to a request: what `Invoke` returns.
#[derive(Debug)]
pub struct Collected {
    /// The messages that belong to the request, in order.
    pub messages: Vec<String>,
    pub outcome: Outcome,
}

/// Where a request's messages and its response go.
pub enum ResponsePath {
    /// To the answer of `Invoke`.
    Collected(Mutex<Collection>),
    /// To a stream, as they arise (POST-1).
    Streamed {
        streams: Arc<EventStreams>,
        stream: StreamNumber,
    },
}

/// Messages on their way to one answer, within a bound.
pub struct Collection {
    messages: Vec<String>,
    bytes: usize,
    max_bytes: usize,
    answer: Option<oneshot::Sender<Collected>>,
}

impl ResponsePath {
    /// A path to one answer, whose messages may have this size together.
    pub fn collected(max_bytes: usize) -> (Self, oneshot::Receiver<Collected>) {
        let (sender, receiver) = oneshot::channel();
        let collection = Collection {
            messages: Vec::new(),
            bytes: 0,
            max_bytes,
            answer: Some(sender),
        };
        (Self::Collected(Mutex::new(collection)), receiver)
    }

    /// Sends a message that belongs to the request. Producers wait until the returned reader has room for more.
    pub fn message(&self, json: String) -> Option<EventSink> {
        match self {
            Self::Collected(collection) => {
                collection
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .add(json);
                None
            }
            Self::Streamed { streams, stream } => streams.push(*stream, &json),
        }
    }

    /// Whether the caller can be asked something on this path while the request runs (POST-2).
    pub fn is_interactive(&self) -> bool {
        matches!(self, Self::Streamed { .. })
    }

    /// Closes the stream while the request goes on, where there is one.
    pub fn suspend(&self, retry_ms: u32) {
        if let Self::Streamed { streams, stream } = self {
            streams.suspend(*stream, retry_ms);
        }
    }

    /// Ends the request.
    pub fn finish(&self, outcome: Outcome) {
        match self {
            Self::Collected(collection) => collection
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .finish(outcome),
            Self::Streamed { streams, stream } => {
                if let Outcome::Response(json) = outcome {
                    streams.push(*stream, &json);
                }
                streams.end(*stream);
            }
        }
    }
}

impl Collection {
    fn add(&mut self, json: String) {
        self.bytes += json.len();
        if self.bytes <= self.max_bytes {
            self.messages.push(json);
        } else {
            self.messages = Vec::new();
            self.finish(Outcome::TooLarge);
        }
    }

    fn finish(&mut self, outcome: Outcome) {
        if let Some(answer) = self.answer.take() {
            let messages = std::mem::take(&mut self.messages);
            // Nobody takes it where the call has ended.
            let _ = answer.send(Collected { messages, outcome });
        }
    }
}

/// A request under way.
pub struct Exchange {
    /// Its id for the SDK, which sees ids of ours (JSONRPC-2).
    pub number: i64,
    /// Its id for the caller.
    pub id: MessageId,
    /// An initialize is never cancelled (DEADLINE-3).
    pub is_handshake: bool,
    /// The caller's token for progress (MCP-7).
    pub progress_token: Option<Box<RawValue>>,
    pub scope: CallScope,
    pub path: ResponsePath,
    /// Cancelled when its work has to stop.
    pub cancelled: CancellationToken,
}

impl Exchange {
    pub fn new(number: i64, request: &RequestMessage, scope: CallScope, path: ResponsePath) -> Self {
        Self {
            number,
            id: request.id.clone(),
            is_handshake: request.method == "initialize",
            progress_token: request.progress_token.clone(),
            scope,
            path,
            cancelled: CancellationToken::new(),
        }
    }

    /// A progress notification with the token as the caller wrote it, which the SDK may not be able to hold (MCP-7).
    pub fn progress_message(&self, params: &ProgressNotificationParam) -> Option<String> {
        Some(write(&ProgressMessage {
            jsonrpc: "2.0",
            method: "notifications/progress",
            params: ProgressParams {
                progress_token: self.progress_token.as_deref()?,
                progress: params.progress,
                total: params.total,
                message: params.message.as_deref(),
            },
        }))
    }

    /// Stops the work and ends the request.
    fn stop(&self, outcome: Outcome) {
        self.cancelled.cancel();
        self.path.finish(outcome);
    }
}

/// The requests of a session that are under way.
#[derive(Default)]
pub struct Exchanges(Mutex<State>);

#[derive(Default)]
struct State {
    under_way: HashMap<i64, Arc<Exchange>>,
    closed: bool,
}

impl Exchanges {
    /// Begins a request. In a session that has ended, it ends at once.
    pub fn add(&self, exchange: Arc<Exchange>) {
        let mut state = self.state();
        if state.closed {
            drop(state);
            exchange.stop(Outcome::Closed);
        } else {
            state.under_way.insert(exchange.number, exchange);
        }
    }

    pub fn len(&self) -> usize {
        self.state().under_way.len()
    }

    /// Ends a request with its response, unless it has ended.
    pub fn answer(&self, number: i64, response: impl FnOnce(&Exchange) -> String) {
        if let Some(exchange) = self.take(number) {
            let response = response(&exchange);
            exchange.path.finish(Outcome::Response(response));
        }
    }

    /// Stops a request, unless it has ended.
    pub fn cancel(&self, number: i64) {
        if let Some(exchange) = self.take(number) {
            exchange.stop(Outcome::Cancelled);
        }
    }

    /// Stops the requests that a caller knows under this id.
    pub fn cancel_named(&self, id: &MessageId) {
        let is_named = |exchange: &&Arc<Exchange>| exchange.id == *id && !exchange.is_handshake;
        let named: Vec<i64> = self
            .state()
            .under_way
            .values()
            .filter(is_named)
            .map(|exchange| exchange.number)
            .collect();
        for number in named {
            self.cancel(number);
        }
    }

    /// Stops every request, since the session has ended (SESSION-8).
    pub fn close(&self) {
        let exchanges = {
            let mut state = self.state();
            state.closed = true;
            std::mem::take(&mut state.under_way)
        };
        for exchange in exchanges.into_values() {
            exchange.stop(Outcome::Closed);
        }
    }

    fn take(&self, number: i64) -> Option<Arc<Exchange>> {
        self.state().under_way.remove(&number)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Serialize)]
struct ProgressMessage<'a> {
    jsonrpc: &'static str,
    method: &'static str,
    params: ProgressParams<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProgressParams<'a> {
    progress_token: &'a RawValue,
    progress: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_rpc::{Incoming, parse};

    fn exchange(number: i64, id: &str) -> (Arc<Exchange>, oneshot::Receiver<Collected>) {
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let Ok(Incoming::Request(request)) = parse(body.as_bytes()) else {
            panic!("no request");
        };
        let scope = CallScope::new(&Caller::Anonymous, "", "s");
        let (path, collected) = ResponsePath::collected(10);
        (Arc::new(Exchange::new(number, &request, scope, path)), collected)
    }

    fn outcome(mut collected: oneshot::Receiver<Collected>) -> Option<Outcome> {
        collected.try_recv().ok().map(|collected| collected.outcome)
    }

    #[test]
    fn a_request_is_answered_once_after_its_messages() {
        let exchanges = Exchanges::default();
        let (first, mut collected) = exchange(1, "7");
        exchanges.add(first.clone());
        first.path.message("a".to_owned());
        exchanges.answer(1, |exchange| exchange.id.token().get().to_owned());
        exchanges.answer(1, |_| "again".to_owned());
        exchanges.cancel(1);
        let collected = collected.try_recv().unwrap();
        assert_eq!(collected.messages, ["a"]);
        assert_eq!(collected.outcome, Outcome::Response("7".to_owned()));
        assert!(!first.cancelled.is_cancelled());
        assert_eq!(exchanges.len(), 0);
    }

    #[test]
    fn the_caller_s_id_names_what_it_cancels() {
        let exchanges = Exchanges::default();
        let (number, numbered) = exchange(1, "7");
        let (text, texted) = exchange(2, r#""7""#);
        exchanges.add(number.clone());
        exchanges.add(text.clone());
        exchanges.cancel_named(&number.id);
        assert!(number.cancelled.is_cancelled() && !text.cancelled.is_cancelled());
        assert_eq!(outcome(numbered), Some(Outcome::Cancelled));
        assert_eq!(outcome(texted), None);
    }

    #[test]
    fn nothing_begins_in_a_session_that_has_ended() {
        let exchanges = Exchanges::default();
        let (early, early_answer) = exchange(1, "1");
        let (late, late_answer) = exchange(2, "2");
        exchanges.add(early.clone());
        exchanges.close();
        exchanges.add(late.clone());
        assert_eq!(outcome(early_answer), Some(Outcome::Closed));
        assert_eq!(outcome(late_answer), Some(Outcome::Closed));
        assert!(early.cancelled.is_cancelled() && late.cancelled.is_cancelled());
    }

    #[test]
    fn one_answer_holds_so_much_and_no_more() {
        let (exchange, collected) = exchange(1, "1");
        exchange.path.message("x".repeat(6));
        exchange.path.message("x".repeat(6));
        assert_eq!(outcome(collected), Some(Outcome::TooLarge));
    }
}
