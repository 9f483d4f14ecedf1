//! Calls that are answered with a stream.

use super::{
    McpService, begin,
    checks::{Admitted, Post},
};
use crate::{
    exchange::ResponsePath,
    failure::{Category, Refusal, RequestRefused},
    http::{Answer, Call, Method},
    identity::{expired, expiry_of},
    json_rpc::{Incoming, RequestMessage},
    modern::ModernStream,
    stream::{EventSink, EventStreams, OpenStream, Position},
};

/// The answer to `InvokeStream`.
pub enum StreamAnswer {
    /// A status without events (POST-3).
    Accepted(u16),
    /// A complete answer instead of events: the refusal of a request, with its body (POST-6).
    Whole(Answer),
    Events(OpenStream),
}

impl McpService {
    /// Handles a GET or POST request that `InvokeStream` carries.
    pub async fn open_stream(&self, call: Call) -> Result<StreamAnswer, Refusal> {
        if call.method != Method::Post {
            let call = Admitted::without_body(call)?;
            return Ok(StreamAnswer::Events(self.read_stream(&call).await?));
        }
        match self.admit_post(call).await? {
            Post::Modern(call) => match self.modern.open_stream(call).await {
                Ok(ModernStream::Events(stream)) => Ok(StreamAnswer::Events(stream)),
                Ok(ModernStream::Answer(answer)) if answer.body.is_empty() => {
                    Ok(StreamAnswer::Accepted(answer.status))
                }
                Ok(ModernStream::Answer(answer)) => Ok(StreamAnswer::Whole(answer)),
                Err(refusal) => Err(refusal.in_modern_form()),
            },
            Post::Legacy(call, Incoming::Request(request)) => {
                let stream = self.stream_answer(&call, &request).await?;
                Ok(StreamAnswer::Events(stream))
            }
            Post::Legacy(call, message) => Ok(StreamAnswer::Accepted(self.deliver(&call, message).await?)),
        }
    }

    async fn stream_answer(&self, call: &Admitted, request: &RequestMessage) -> Result<OpenStream, Refusal> {
        if call.is_handshake(request) {
            return Ok(self.handshake(call, request).await?.into_stream());
        }
        let session = self.session_for(call, request)?;
        let stream = session.streams.open();
        let (sink, reader) = EventSink::new(self.limits.stream_high_water_bytes);
        session.streams.attach(Position::now(stream), sink);
        let path = ResponsePath::Streamed {
            streams: session.streams.clone(),
            stream,
        };
        let mut open = OpenStream::new(reader);
        open.hold(begin(&session, call, request, path));
        Ok(open)
    }

    /// Reads the live stream, or resumes a stream after an event.
    async fn read_stream(&self, call: &Admitted) -> Result<OpenStream, RequestRefused> {
        let session = self.session_of(call)?;
        let position = match call.call.headers.last_event_id() {
            None => Position::now(EventStreams::LIVE),
            Some(id) => session.streams.position_after(id).ok_or_else(|| {
                let message = "last-event-id: is unknown in this session, or too old";
                RequestRefused::invalid("unknown_event_id", message)
            })?,
        };
        if let Some(reader) = session.streams.reader(position.stream) {
            // The previous reader of the stream may be about to end.
            let _ = tokio::time::timeout(self.limits.takeover, reader.closed()).await;
        }
        let (sink, reader) = EventSink::new(self.limits.stream_high_water_bytes);
        if session.streams.attach(position, sink.clone()) {
            end_at_expiry(sink, expiry_of(call.call.auth_context.as_ref()));
            return Ok(OpenStream::new(reader));
        }
        let message = "Another call already reads the stream";
        Err(RequestRefused::new(Category::Conflict, "stream_is_open", message))
    }
}

/// Ends a live stream when the credentials of its caller expire (STREAM-12). 0 means that they do not expire.
fn end_at_expiry(sink: EventSink, expires_at_epoch_ms: u64) {
    if expires_at_epoch_ms == 0 {
        return;
    }
    tokio::spawn(async move {
        tokio::select! {
            () = sink.closed() => {}
            () = expired(expires_at_epoch_ms) => sink.end(),
        }
    });
}
