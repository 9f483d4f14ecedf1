//! The answer to a request: complete, or a stream of events.

use rmcp::{ErrorData, RoleServer, service::RunningService};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    exchange::{Output, status_of},
    handler::ModernHandler,
};
use crate::{
    exchange::rpc_failure::object_of,
    failure::{CallRefused, Category},
    http::Answer,
    json_rpc::{RequestMessage, error_response},
    limits::Limits,
    recovery::Recovering,
    stream::{EventSink, HeldRequest, OpenStream},
};

/// The answer to a streamed call.
pub enum ModernStream {
    /// A complete answer instead of events: a refusal, or the empty answer to a notification.
    Answer(Answer),
    Events(OpenStream),
}

/// The answer to a request in flight. Dropping this value cancels the request.
pub struct Running {
    pub output: mpsc::Receiver<Output>,
    pub server: RunningService<RoleServer, Recovering<ModernHandler>>,
}

impl HeldRequest for RunningService<RoleServer, Recovering<ModernHandler>> {
    /// The request has ended with its stream.
    fn release(self: Box<Self>) {}
}

impl Running {
    /// Collects the messages and the response for one answer.
    ///
    /// # Errors
    /// Returns an error if the messages exceed the size limit, or if the request ends without a response.
    pub async fn collect(mut self, limits: &Limits) -> Result<Answer, CallRefused> {
        let mut events = Vec::new();
        loop {
            match self.output.recv().await {
                Some(Output::Message(json)) => {
                    events.extend_from_slice(&event(&json));
                    if events.len() > limits.collected_bytes {
                        let message = "The messages of the request exceed the size limit of one answer";
                        return Err(CallRefused::new(Category::RateLimited, message));
                    }
                }
                Some(Output::Response { status, json }) if events.is_empty() => {
                    return Ok(Answer::json(status, json));
                }
                Some(Output::Response { json, .. }) => {
                    events.extend_from_slice(&event(&json));
                    return Ok(Answer::events(events.into()).header("x-accel-buffering", "no"));
                }
                None => return Err(broken()),
            }
        }
    }

    /// Streams the messages and the response. A request that fails at once keeps the status of its error, but a slow
    /// request does not hold back the head of its stream. Cancelling `closing` fails the stream.
    ///
    /// # Errors
    /// Returns an error if the request ends without a response.
    pub async fn stream(
        mut self,
        limits: &Limits,
        closing: CancellationToken,
    ) -> Result<ModernStream, CallRefused> {
        let first = match timeout(limits.head_delay, self.output.recv()).await {
            Ok(Some(Output::Response { status, json })) if status != 200 => {
                return Ok(ModernStream::Answer(Answer::json(status, json)));
            }
            Ok(Some(first)) => Some(first),
            Ok(None) => return Err(broken()),
            Err(_) => None,
        };
        let (sink, reader) = EventSink::new(limits.stream_high_water_bytes);
        tokio::spawn(pump(first, self.output, sink, closing));
        let mut open = unbuffered(OpenStream::new(reader));
        open.hold(self.server);
        Ok(ModernStream::Events(open))
    }
}

/// Returns the answer to a request that fails before it runs.
pub fn error_answer(request: &RequestMessage, error: &ErrorData) -> Answer {
    let json = error_response(Some(&request.id), &object_of(error));
    Answer::json(status_of(error.code), json)
}

/// Encodes a message as an event without an id, because streams of this era cannot be resumed.
pub fn event(json: &str) -> Vec<u8> {
    format!("data: {json}\n\n").into_bytes()
}

/// Returns a stream with one event.
pub fn one_event(json: &[u8]) -> OpenStream {
    let (sink, reader) = EventSink::new(usize::MAX);
    sink.write(&[b"data: ", json, b"\n\n"].concat());
    sink.end();
    unbuffered(OpenStream::new(reader))
}

/// Tells proxies not to buffer a stream.
pub fn unbuffered(stream: OpenStream) -> OpenStream {
    stream
        .header("cache-control", "no-cache")
        .header("x-accel-buffering", "no")
}

fn broken() -> CallRefused {
    CallRefused::new(Category::Internal, "The request failed")
}

/// Copies the answer to a request to a stream, at the speed of its reader (STREAM-11). `first` is the first part of the
/// answer, if it has arrived.
async fn pump(
    mut first: Option<Output>,
    mut output: mpsc::Receiver<Output>,
    sink: EventSink,
    closing: CancellationToken,
) {
    loop {
        let next = async {
            match first.take() {
                None => output.recv().await,
                first => first,
            }
        };
        let part = tokio::select! {
            () = sink.closed() => return,
            () = closing.cancelled() => {
                let message = "The runtime is stopping";
                return sink.fail(CallRefused::new(Category::Unavailable, message));
            }
            part = next => part,
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
