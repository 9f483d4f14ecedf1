//! The service for the revision without sessions.

use std::sync::Arc;

use mcp_conformance_catalog::{CallScope, Modern, Subscriptions};
use parking_lot::Mutex;
use rmcp::service::serve_directly_with_ct;
use tokio_util::sync::CancellationToken;

pub use super::answer::ModernStream;
use super::{
    answer::{Running, error_answer, one_event},
    envelope::Envelope,
    exchange::{Exchange, RequestTransport},
    handler::ModernHandler,
    request::{check_param_fields, sdk_request},
    subscription::LISTEN,
};
use crate::{
    failure::{Refusal, RequestRefused},
    http::{Answer, Call},
    identity::Caller,
    json_rpc::{Incoming, RequestMessage, code},
    limits::Limits,
    quota::Quota,
    recovery::Recovering,
};

/// A message of the era and its caller.
pub struct ModernCall {
    pub call: Call,
    pub caller: Caller,
    pub message: Incoming,
}

/// Serves the revision without sessions.
pub struct ModernService {
    pub(super) limits: Limits,
    pub(super) modern: Arc<Modern>,
    pub(super) version: &'static str,
    pub(super) subscriptions: Arc<Subscriptions>,
    /// The open subscriptions of each caller.
    pub(super) listens: Arc<Mutex<Quota>>,
    /// Cancelled to end all subscriptions.
    pub(super) ending: CancellationToken,
    /// Cancelled to fail all streams.
    closing: CancellationToken,
}

/// A request after its checks: it runs, or its error is known.
enum Begun {
    Running(Running),
    Failed(Answer),
}

impl ModernService {
    pub fn new(
        limits: Limits,
        modern: Modern,
        version: &'static str,
        subscriptions: Arc<Subscriptions>,
    ) -> Self {
        let listens = Quota::new(limits.max_listens, limits.max_listens_per_caller);
        Self {
            listens: Arc::new(Mutex::new(listens)),
            limits,
            modern: Arc::new(modern),
            version,
            subscriptions,
            ending: CancellationToken::new(),
            closing: CancellationToken::new(),
        }
    }

    /// Ends all subscriptions with their results.
    pub fn end_subscriptions(&self) {
        self.ending.cancel();
    }

    /// Fails the streams of all requests in flight.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Handles a POST whose answer is complete.
    pub async fn invoke(&self, call: ModernCall) -> Result<Answer, Refusal> {
        let Some(request) = accepted_request(&call)? else {
            return Ok(Answer::empty(202));
        };
        let answer = async {
            let envelope = Envelope::read(&call.call.headers, request)?;
            if request.method == LISTEN {
                let message = "subscriptions/listen needs a streamed answer";
                let refused = RequestRefused::invalid("stream_required", message);
                return Err(refused.rpc_code(code::INVALID_REQUEST).into());
            }
            match self.begin(&call, request, envelope)? {
                Begun::Failed(answer) => Ok(answer),
                Begun::Running(running) => Ok(running.collect(&self.limits).await?),
            }
        };
        answer
            .await
            .map_err(|refusal: Refusal| refusal.answering(&request.id))
    }

    /// Handles a POST with a streamed answer.
    pub async fn open_stream(&self, call: ModernCall) -> Result<ModernStream, Refusal> {
        let Some(request) = accepted_request(&call)? else {
            return Ok(ModernStream::Answer(Answer::empty(202)));
        };
        let answer = async {
            let envelope = Envelope::read(&call.call.headers, request)?;
            if request.method == LISTEN {
                return Ok(ModernStream::Events(self.listen(&call, request)?));
            }
            match self.begin(&call, request, envelope)? {
                Begun::Failed(answer) if answer.status == 200 => {
                    Ok(ModernStream::Events(one_event(&answer.body)))
                }
                Begun::Failed(answer) => Ok(ModernStream::Answer(answer)),
                Begun::Running(running) => Ok(running.stream(&self.limits, self.closing.clone()).await?),
            }
        };
        answer
            .await
            .map_err(|refusal: Refusal| refusal.answering(&request.id))
    }

    /// Starts a request on a server of its own.
    fn begin(
        &self,
        call: &ModernCall,
        request: &RequestMessage,
        envelope: Envelope,
    ) -> Result<Begun, RequestRefused> {
        let catalog = &self.modern.catalog;
        check_param_fields(catalog, request, &call.call.headers)?;
        let sdk_request = match sdk_request(catalog, request, &envelope) {
            Ok(sdk_request) => sdk_request,
            Err(error) => return Ok(Begun::Failed(error_answer(request, &error))),
        };
        let cancelled = CancellationToken::new();
        let exchange = Arc::new(Exchange {
            id: request.id.clone(),
            progress_token: request.progress_token.clone(),
            scope: scope_of(call),
            declared: envelope.declared,
            log_level: envelope.log_level,
            cancelled: cancelled.clone(),
        });
        let handler = ModernHandler {
            modern: self.modern.clone(),
            version: self.version,
            subscriptions: self.subscriptions.clone(),
            exchange: exchange.clone(),
        };
        let (transport, output) = RequestTransport::new(sdk_request, exchange, self.version);
        let server = serve_directly_with_ct(Recovering(handler), transport, None, cancelled);
        Ok(Begun::Running(Running { output, server }))
    }
}

/// Returns the request of a call, or `None` for a notification, which has no effect.
fn accepted_request(call: &ModernCall) -> Result<Option<&RequestMessage>, RequestRefused> {
    match &call.message {
        Incoming::Request(request) if !request.id.is_string_or_integer() => {
            let message = "The member id is neither a string nor an integer";
            let refused = RequestRefused::invalid("invalid_request", message);
            Err(refused.rpc_code(code::INVALID_REQUEST))
        }
        Incoming::Request(request) => Ok(Some(request)),
        Incoming::Notification(notification) => {
            Envelope::check_notification(&call.call.headers, notification)?;
            Ok(None)
        }
        Incoming::Response(_) => {
            let message = "This revision has no posted responses";
            let refused = RequestRefused::invalid("response_unexpected", message);
            Err(refused.rpc_code(code::INVALID_REQUEST))
        }
    }
}

/// Returns the scope of a call. Anonymous callers count as one caller, because they cannot be distinguished.
fn scope_of(ModernCall { call, caller, .. }: &ModernCall) -> CallScope {
    CallScope {
        claims: caller.claims(),
        server_id: call.server_id.clone(),
        owner: match caller.owner() {
            Some(email) => format!("caller {email}"),
            None => "anonymous".to_owned(),
        },
    }
}
