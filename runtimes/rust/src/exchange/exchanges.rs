//! The in-flight requests of a session.

use std::{collections::HashMap, sync::Arc};

use mcp_conformance_catalog::CallScope;
use parking_lot::Mutex;
use rmcp::{ErrorData, model::ProgressNotificationParam};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::{
    response_path::{Outcome, ResponsePath},
    rpc_failure::{object_of, shield},
};
use crate::{
    identity::Caller,
    json_rpc::{MessageId, RequestMessage, error_response, progress_notification, result_response},
    stream::HeldRequest,
};

/// Returns the scope of a call by a caller in a session.
pub fn scope_of(caller: &Caller, server_id: &str, session_id: &str) -> CallScope {
    CallScope {
        claims: caller.claims(),
        server_id: server_id.to_owned(),
        owner: match caller.owner() {
            Some(email) => format!("caller {email}"),
            None => format!("session {session_id}"),
        },
    }
}

/// A request in flight.
pub struct Exchange {
    /// The id that the SDK sees instead of the caller's id (JSONRPC-2).
    pub number: i64,
    /// The caller's id.
    pub id: MessageId,
    is_handshake: bool,
    /// The caller's progress token (MCP-7).
    pub progress_token: Option<Box<RawValue>>,
    pub scope: CallScope,
    pub path: ResponsePath,
    /// A token that is cancelled when the work must stop.
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

    /// Returns a progress notification with the caller's verbatim progress token. The SDK cannot represent every
    /// token (MCP-7).
    pub fn progress_message(&self, params: &ProgressNotificationParam) -> Option<String> {
        let token = self.progress_token.as_deref()?;
        let message = params.message.as_deref();
        Some(progress_notification(
            token,
            params.progress,
            params.total,
            message,
        ))
    }

    /// Stops the work and ends the request.
    fn stop(&self, outcome: Outcome) {
        self.cancelled.cancel();
        self.path.finish(outcome);
    }
}

/// The in-flight requests of a session.
#[derive(Default)]
pub struct Exchanges(Mutex<State>);

#[derive(Default)]
struct State {
    in_flight: HashMap<i64, Arc<Exchange>>,
    closed: bool,
}

impl Exchanges {
    /// Begins a request. In a closed session, the request ends immediately, and `add` returns false.
    pub fn add(&self, exchange: Arc<Exchange>) -> bool {
        let mut state = self.0.lock();
        let is_open = !state.closed;
        if is_open {
            state.in_flight.insert(exchange.number, exchange);
        } else {
            drop(state);
            exchange.stop(Outcome::Closed);
        }
        is_open
    }

    /// Returns the number of requests in flight.
    pub fn len(&self) -> usize {
        self.0.lock().in_flight.len()
    }

    /// Ends a request with its result or error, unless it has already ended.
    pub fn answer(&self, number: i64, outcome: Result<impl Serialize, ErrorData>) {
        let Some(exchange) = self.take(number) else {
            return;
        };
        let response = match outcome {
            Ok(result) => result_response(&exchange.id, &result),
            Err(error) => error_response(Some(&exchange.id), &object_of(&shield(error))),
        };
        exchange.path.finish(Outcome::Response(response));
    }

    /// Cancels a request, unless it has already ended.
    pub fn cancel(&self, number: i64) {
        if let Some(exchange) = self.take(number) {
            exchange.stop(Outcome::Cancelled);
        }
    }

    /// Cancels every request with this id from the caller, except `initialize` (DEADLINE-3).
    pub fn cancel_named(&self, id: &MessageId) {
        let is_named = |exchange: &mut Arc<Exchange>| exchange.id == *id && !exchange.is_handshake;
        let named: Vec<_> = {
            let in_flight = &mut self.0.lock().in_flight;
            in_flight.extract_if(|_, exchange| is_named(exchange)).collect()
        };
        for (_, exchange) in named {
            exchange.stop(Outcome::Cancelled);
        }
    }

    /// Closes the session: ends every in-flight request (SESSION-8). Later requests end immediately.
    pub fn close(&self) {
        let exchanges = {
            let mut state = self.0.lock();
            state.closed = true;
            std::mem::take(&mut state.in_flight)
        };
        for exchange in exchanges.into_values() {
            exchange.stop(Outcome::Closed);
        }
    }

    fn take(&self, number: i64) -> Option<Arc<Exchange>> {
        self.0.lock().in_flight.remove(&number)
    }
}

/// Ties a request to its call. If the call ends first, dropping the guard cancels the request.
pub struct RequestGuard {
    exchanges: Option<Arc<Exchanges>>,
    number: i64,
}

impl RequestGuard {
    pub fn new(exchanges: Arc<Exchanges>, number: i64) -> Self {
        Self {
            exchanges: Some(exchanges),
            number,
        }
    }

    /// Lets the request outlive a call that ended normally.
    pub fn release(mut self) {
        self.exchanges = None;
    }
}

impl HeldRequest for RequestGuard {
    fn release(self: Box<Self>) {
        Self::release(*self);
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        if let Some(exchanges) = &self.exchanges {
            exchanges.cancel(self.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        exchange::Collected,
        json_rpc::{Incoming, parse},
    };

    fn exchange(number: i64, id: &str) -> (Arc<Exchange>, oneshot::Receiver<Collected>) {
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let Ok(Incoming::Request(request)) = parse(body.as_bytes()) else {
            panic!("not a request");
        };
        let scope = scope_of(&Caller::Anonymous, "", "s");
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
        exchanges.answer(1, Ok("first"));
        exchanges.answer(1, Ok("again"));
        exchanges.cancel(1);
        let collected = collected.try_recv().unwrap();
        assert_eq!(collected.messages, ["a"]);
        assert_eq!(
            collected.outcome,
            Outcome::Response(r#"{"jsonrpc":"2.0","id":7,"result":"first"}"#.to_owned())
        );
        assert!(!first.cancelled.is_cancelled());
        assert_eq!(exchanges.len(), 0);
    }

    #[test]
    fn a_cancellation_ends_only_requests_with_an_equal_id() {
        let exchanges = Exchanges::default();
        let (number, number_outcome) = exchange(1, "7");
        let (text, text_outcome) = exchange(2, r#""7""#);
        exchanges.add(number.clone());
        exchanges.add(text.clone());
        exchanges.cancel_named(&number.id);
        assert!(number.cancelled.is_cancelled() && !text.cancelled.is_cancelled());
        assert_eq!(outcome(number_outcome), Some(Outcome::Cancelled));
        assert_eq!(outcome(text_outcome), None);
    }

    #[test]
    fn closing_a_session_ends_current_and_later_requests() {
        let exchanges = Exchanges::default();
        let (early, early_outcome) = exchange(1, "1");
        let (late, late_outcome) = exchange(2, "2");
        exchanges.add(early.clone());
        exchanges.close();
        assert!(!exchanges.add(late.clone()));
        assert_eq!(outcome(early_outcome), Some(Outcome::Closed));
        assert_eq!(outcome(late_outcome), Some(Outcome::Closed));
        assert!(early.cancelled.is_cancelled() && late.cancelled.is_cancelled());
    }
}
