//! MCP 2026-07-28: requests without handshake and without session. Each request gets a server of its own from the SDK.

mod envelope;
mod era;
mod exchange;
mod handler;
mod header_value;
mod request;
mod subscription;

use std::sync::Arc;

use mcp_conformance_catalog::{CallScope, Catalog, Era, Modern, Rounds, Subscriptions};
use rmcp::{
    ErrorData, RoleServer,
    model::SubscriptionFilter,
    service::{RunningService, serve_directly_with_ct},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

pub use era::{era_of, names_modern_revision};

use crate::{
    exchange::rpc_failure::{invalid_params, object_of},
    failure::{CallRefused, Category, Refusal, RequestRefused},
    http::{Answer, Call},
    identity::Caller,
    json_rpc::{Incoming, RequestMessage, code, error_response, member},
    limits::Limits,
    stream::{EventSink, HeldRequest, OpenStream},
};
use envelope::Envelope;
use exchange::{Exchange, Output, RequestTransport};
use handler::ModernHandler;
use request::{check_param_fields, sdk_request};
use subscription::{LISTEN, Messages};

/// The name of the server in its results.
const SERVER_NAME: &str = "mcp-runtime-conformance";

/// A message of the era and its caller.
pub struct ModernCall {
    pub call: Call,
    pub caller: Caller,
    pub message: Incoming,
}

/// The answer to a streamed call.
pub enum ModernStream {
    /// A complete answer instead of events: a refusal, or the empty answer to a notification.
    Answer(Answer),
    Events(OpenStream),
}

/// Serves the revision without sessions.
pub struct ModernService {
    limits: Limits,
    modern: Arc<Modern>,
    version: &'static str,
    subscriptions: Arc<Subscriptions>,
    /// Cancelled to end all subscriptions.
    ending: CancellationToken,
    /// Cancelled to fail all streams.
    closing: CancellationToken,
}

/// The answer to a request in flight. Dropping this value cancels the request.
struct Running {
    output: mpsc::Receiver<Output>,
    server: RunningService<RoleServer, ModernHandler>,
}

impl HeldRequest for RunningService<RoleServer, ModernHandler> {
    /// The request has ended with its stream.
    fn release(self: Box<Self>) {}
}

/// A request after its checks: it runs, or its error is known.
enum Begun {
    Running(Running),
    Answered(Answer),
}

impl ModernService {
    /// Creates the service. The state of its questions ends with it.
    pub fn new(
        limits: Limits,
        catalog: Arc<Catalog>,
        version: &'static str,
        subscriptions: Arc<Subscriptions>,
    ) -> Self {
        let rounds = Rounds::with_random_key(limits.request_state);
        Self {
            limits,
            modern: Arc::new(Modern { catalog, rounds }),
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
                Begun::Answered(answer) => Ok(answer),
                Begun::Running(running) => self.collect(running).await,
            }
        };
        answer
            .await
            .map_err(|refusal: Refusal| refusal.answering(&request.id))
    }

    /// Handles a POST with a streamed answer. A request that fails at once gets the status of its error, but a slow request
    /// does not hold back the head of its stream.
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
                Begun::Answered(answer) if answer.status != 200 => Ok(ModernStream::Answer(answer)),
                Begun::Answered(answer) => Ok(ModernStream::Events(one_event(&answer.body))),
                Begun::Running(running) => Ok(self.stream(running).await),
            }
        };
        answer
            .await
            .map_err(|refusal: Refusal| refusal.answering(&request.id))
    }

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
            Err(error) => return Ok(Begun::Answered(error_answer(request, &error))),
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
        let server = serve_directly_with_ct(handler, transport, None, cancelled);
        Ok(Begun::Running(Running { output, server }))
    }

    /// Collects the messages and the response for one answer.
    async fn collect(&self, mut running: Running) -> Result<Answer, Refusal> {
        let mut events = Vec::new();
        loop {
            match running.output.recv().await {
                Some(Output::Message(json)) => {
                    events.extend_from_slice(&event(&json));
                    if events.len() > self.limits.collected_bytes {
                        let message = "The messages of the request exceed the size limit of one answer";
                        return Err(CallRefused::new(Category::RateLimited, message).into());
                    }
                }
                Some(Output::Response { status, json }) if events.is_empty() => {
                    return Ok(Answer::json(status, json));
                }
                Some(Output::Response { json, .. }) => {
                    events.extend_from_slice(&event(&json));
                    return Ok(Answer::events(events.into()).header("x-accel-buffering", "no"));
                }
                None => return Err(broken().into()),
            }
        }
    }

    async fn stream(&self, mut running: Running) -> ModernStream {
        let first = match timeout(self.limits.head_delay, running.output.recv()).await {
            Ok(Some(Output::Response { status, json })) if status != 200 => {
                return ModernStream::Answer(Answer::json(status, json));
            }
            Ok(first) => Some(first),
            Err(_) => None,
        };
        let (sink, reader) = EventSink::new(self.limits.stream_high_water_bytes);
        tokio::spawn(pump(first, running.output, sink, self.closing.clone()));
        let mut open = unbuffered(OpenStream::new(reader));
        open.hold(running.server);
        ModernStream::Events(open)
    }

    /// Opens a subscription, whose first message is its acknowledgement.
    fn listen(&self, call: &ModernCall, request: &RequestMessage) -> Result<OpenStream, RequestRefused> {
        let params = request.params.as_deref();
        let filter = params
            .and_then(|params| member(params, "notifications"))
            .filter(|filter| filter.get().starts_with('{'))
            .and_then(|filter| serde_json::from_str::<SubscriptionFilter>(filter.get()).ok());
        let Some(filter) = filter else {
            let error = invalid_params("notifications: is not a filter");
            return Ok(one_event(&error_answer(request, &error).body));
        };
        let mut accepted = filter.supported_by(&self.modern.catalog.capabilities(Era::Modern));
        accepted.resource_subscriptions = accepted.resource_subscriptions.filter(|uris| !uris.is_empty());
        let messages = Messages::new(request.id.clone(), self.version);
        let (sink, reader) = EventSink::new(self.limits.stream_high_water_bytes);
        sink.write(&event(&messages.acknowledgement(&accepted)));
        if accepted == SubscriptionFilter::default() {
            sink.write(&event(&messages.result()));
            sink.end();
            return Ok(unbuffered(OpenStream::new(reader)));
        }
        let max_bytes = self.limits.stream_buffer_bytes;
        let deliver = {
            let (sink, messages) = (sink.clone(), messages.clone());
            move |change: &_| subscription::deliver(&sink, max_bytes, &messages.change(change))
        };
        let listeners = &self.subscriptions.listeners;
        let listening = listeners.listen(accepted, self.limits.max_listens, deliver);
        let listening = listening.ok_or_else(|| {
            let message = "There are too many subscriptions: end some, or retry later";
            RequestRefused::new(Category::RateLimited, "too_many_subscriptions", message)
        })?;
        let expiry = call.call.auth_context.as_ref();
        let expiry = expiry.map_or(0, |context| context.expires_at_epoch_ms);
        tokio::spawn(subscription::end(
            sink,
            messages,
            listening,
            (self.ending.clone(), expiry),
        ));
        Ok(unbuffered(OpenStream::new(reader)))
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

/// Returns the scope of a call. Anonymous callers are one caller, because nothing distinguishes them.
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

fn error_answer(request: &RequestMessage, error: &ErrorData) -> Answer {
    let json = error_response(Some(&request.id), &object_of(error));
    Answer::json(exchange::status_of(error.code), json)
}

/// Encodes a message as an event without an id, because streams of this era cannot be resumed.
fn event(json: &str) -> Vec<u8> {
    format!("data: {json}\n\n").into_bytes()
}

fn one_event(json: &[u8]) -> OpenStream {
    let (sink, reader) = EventSink::new(usize::MAX);
    sink.write(&[b"data: ", json, b"\n\n"].concat());
    sink.end();
    unbuffered(OpenStream::new(reader))
}

/// Tells proxies not to buffer a stream.
fn unbuffered(stream: OpenStream) -> OpenStream {
    stream
        .header("cache-control", "no-cache")
        .header("x-accel-buffering", "no")
}

fn broken() -> CallRefused {
    CallRefused::new(Category::Internal, "The request failed")
}

/// Copies the answer to a request to a stream, at the speed of its reader (STREAM-11).
///
/// `first` is the first part of the answer, if it has arrived.
async fn pump(
    first: Option<Option<Output>>,
    mut output: mpsc::Receiver<Output>,
    sink: EventSink,
    closing: CancellationToken,
) {
    let mut next = first;
    loop {
        let part = match next.take() {
            Some(part) => part,
            None => tokio::select! {
                () = sink.closed() => return,
                () = closing.cancelled() => {
                    let message = "The runtime is stopping";
                    return sink.fail(CallRefused::new(Category::Unavailable, message));
                }
                part = output.recv() => part,
            },
        };
        match part {
            Some(Output::Message(json)) => {
                sink.write(&event(&json));
                sink.room().await;
            }
            Some(Output::Response { json, .. }) => {
                sink.write(&event(&json));
                return sink.end();
            }
            None => return sink.fail(broken()),
        }
    }
}
