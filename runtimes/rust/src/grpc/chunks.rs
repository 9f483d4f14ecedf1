//! One open stream of the contract: what is written to it, and the chunks that come of that.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::BytesMut;
use futures_util::Stream;
use tokio::{
    sync::Notify,
    time::{Instant, Sleep, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{failure::CallRefused, limits::Limits, mcp::RequestGuard, proto::McpChunk};

/// A comment, which readers ignore: it keeps an idle stream alive (STREAM-7).
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// Where the events of a stream go: one open call.
#[derive(Clone)]
pub struct EventSink(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// There is room again, or nobody reads any more.
    room: Notify,
    closed: CancellationToken,
    high_water_bytes: usize,
}

#[derive(Default)]
struct State {
    /// What was written and not taken yet.
    pending: BytesMut,
    ending: Option<Ending>,
    reader: Option<Waker>,
}

#[derive(Clone)]
enum Ending {
    Regular,
    Broken(CallRefused),
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, as long as the stream has not ended, and lets the reader look.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let reader = {
            let mut state = self.state();
            if state.ending.is_some() || self.closed.is_cancelled() {
                return;
            }
            change(&mut state);
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl EventSink {
    /// How much was written that the reader has not taken yet.
    pub fn pending_bytes(&self) -> usize {
        self.0.state().pending.len()
    }

    /// Writes bytes of the stream, however much is pending.
    pub fn write(&self, bytes: &[u8]) {
        self.0.change(|state| state.pending.extend_from_slice(bytes));
    }

    /// Ends the stream in the regular way, with `done` (STREAM-3).
    pub fn end(&self) {
        self.0.change(|state| state.ending = Some(Ending::Regular));
    }

    /// Breaks the stream: a gRPC status other than OK and no `done` (STREAM-5). What is pending is given up.
    pub fn fail(&self, refused: CallRefused) {
        self.0.change(|state| {
            state.pending = BytesMut::new();
            state.ending = Some(Ending::Broken(refused));
        });
    }

    /// Whether the call is over, or will be once its reader has taken what is pending.
    pub fn is_closed(&self) -> bool {
        self.0.closed.is_cancelled() || self.0.state().ending.is_some()
    }

    /// Resolves when the call is over.
    pub async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    /// Resolves when there is room for more, or nobody reads any more (STREAM-11).
    pub async fn room(&self) {
        loop {
            let woken = self.0.room.notified();
            if self.0.closed.is_cancelled() || self.pending_bytes() <= self.0.high_water_bytes {
                return;
            }
            woken.await;
        }
    }
}

/// The head of a stream's response (HEAD-1).
#[derive(Clone, Debug)]
pub struct StreamHead {
    pub status: u16,
    pub headers: HashMap<String, String>,
}

impl StreamHead {
    /// The head of a stream of events (HEAD-2).
    pub fn events() -> Self {
        let media_type = ("content-type".to_owned(), "text/event-stream".to_owned());
        Self {
            status: 200,
            headers: HashMap::from([media_type]),
        }
    }

    /// The whole of a stream without events: a refusal (STREAM-2), or a status alone (POST-3).
    pub fn alone(status: u16) -> McpChunk {
        McpChunk {
            status: status.into(),
            error_status: if status >= 400 { status.into() } else { 0 },
            done: true,
            ..McpChunk::default()
        }
    }
}

/// How a stream is written.
#[derive(Clone, Debug)]
pub struct StreamSettings {
    pub chunk_bytes: usize,
    pub high_water_bytes: usize,
    pub keep_alive: Duration,
    /// How long the call may go on, where its caller said so.
    pub timeout: Option<Duration>,
}

impl StreamSettings {
    pub fn new(limits: &Limits, timeout: Option<Duration>) -> Self {
        Self {
            chunk_bytes: limits.chunk_bytes,
            high_water_bytes: limits.stream_high_water_bytes,
            keep_alive: limits.keep_alive,
            timeout,
        }
    }
}

/// The chunks of one stream: a head, data, and `done`. Nothing is made before the reader wants it.
pub struct ChunkStream {
    shared: Arc<Shared>,
    head: Option<StreamHead>,
    chunk_bytes: usize,
    keep_alive: Duration,
    idle: Pin<Box<Sleep>>,
    deadline: Option<Pin<Box<Sleep>>>,
    finished: bool,
    /// The request that is answered on this stream, which ends with its call (POST-5).
    request: Option<RequestGuard>,
}

impl ChunkStream {
    /// A stream that begins with this head, and what writes to it.
    pub fn new(head: StreamHead, settings: &StreamSettings) -> (EventSink, Self) {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            room: Notify::new(),
            closed: CancellationToken::new(),
            high_water_bytes: settings.high_water_bytes,
        });
        let deadline = settings
            .timeout
            .and_then(|timeout| Instant::now().checked_add(timeout))
            .map(|at| Box::pin(sleep_until(at)));
        let stream = Self {
            shared: shared.clone(),
            head: Some(head),
            chunk_bytes: settings.chunk_bytes,
            keep_alive: settings.keep_alive,
            idle: Box::pin(sleep(settings.keep_alive)),
            deadline,
            finished: false,
            request: None,
        };
        (EventSink(shared), stream)
    }

    /// Lets a request end with this stream, unless the stream ends in the regular way first.
    pub fn carries(mut self, request: RequestGuard) -> Self {
        self.request = Some(request);
        self
    }

    fn break_off(&mut self, status: Status) -> Poll<Option<Result<McpChunk, Status>>> {
        self.finished = true;
        Poll::Ready(Some(Err(status)))
    }

    fn data(&mut self, bytes: bytes::Bytes) -> Poll<Option<Result<McpChunk, Status>>> {
        let next = Instant::now() + self.keep_alive;
        self.idle.as_mut().reset(next);
        Poll::Ready(Some(Ok(McpChunk {
            data: bytes,
            ..McpChunk::default()
        })))
    }

    /// What the writer left: the next piece, or the end.
    fn take(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<McpChunk, Status>>> {
        let shared = self.shared.clone();
        let mut state = shared.state();
        if !state.pending.is_empty() {
            let size = state.pending.len().min(self.chunk_bytes);
            let piece = state.pending.split_to(size).freeze();
            let has_room = state.pending.len() <= shared.high_water_bytes;
            drop(state);
            if has_room {
                shared.room.notify_waiters();
            }
            return self.data(piece);
        }
        match state.ending.clone() {
            None => {
                state.reader = Some(context.waker().clone());
                Poll::Pending
            }
            Some(Ending::Broken(refused)) => {
                drop(state);
                self.break_off(refused.into())
            }
            Some(Ending::Regular) => {
                self.finished = true;
                Poll::Ready(Some(Ok(McpChunk {
                    done: true,
                    ..McpChunk::default()
                })))
            }
        }
    }
}

impl Stream for ChunkStream {
    type Item = Result<McpChunk, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.finished {
            return Poll::Ready(None);
        }
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(McpChunk {
                status: head.status.into(),
                headers: head.headers,
                ..McpChunk::default()
            })));
        }
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            return self.break_off(Status::deadline_exceeded("The deadline has passed"));
        }
        let taken = self.take(context);
        if taken.is_pending() && self.idle.as_mut().poll(context).is_ready() {
            return self.data(KEEP_ALIVE.into());
        }
        taken
    }
}

impl Drop for ChunkStream {
    fn drop(&mut self) {
        if let Some(request) = self.request.take()
            && matches!(self.shared.state().ending, Some(Ending::Regular))
        {
            request.release();
        }
        self.shared.closed.cancel();
        self.shared.room.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt};

    use super::*;
    use crate::failure::Category;

    fn open(chunk_bytes: usize, timeout: Option<Duration>) -> (EventSink, ChunkStream) {
        let settings = StreamSettings {
            chunk_bytes,
            timeout,
            ..StreamSettings::new(&Limits::default(), None)
        };
        ChunkStream::new(StreamHead::events(), &settings)
    }

    #[tokio::test]
    async fn a_head_then_data_in_pieces_then_done() {
        let (sink, stream) = open(4, None);
        sink.write(b"one");
        sink.write(b"two");
        sink.end();
        sink.write(b"late");
        let chunks: Vec<McpChunk> = stream.map(Result::unwrap).collect().await;
        assert_eq!(chunks[0].status, 200);
        assert_eq!(chunks[1].data, "onet");
        assert_eq!(chunks[2].data, "wo");
        assert!(chunks[3].done && chunks[3].data.is_empty());
        assert_eq!(chunks.len(), 4);
    }

    #[tokio::test]
    async fn a_broken_stream_ends_with_a_status_and_without_done() {
        let (sink, mut stream) = open(4, None);
        sink.write(b"given up");
        sink.fail(CallRefused::new(Category::RateLimited, "too slow"));
        assert!(sink.is_closed());
        stream.next().await.unwrap().unwrap();
        let status = stream.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn room_is_there_when_the_reader_has_taken_enough() {
        let (sink, mut stream) = open(usize::MAX, None);
        assert!(sink.room().now_or_never().is_some());
        sink.write(&vec![b'x'; Limits::default().stream_high_water_bytes + 1]);
        let waits = sink.clone();
        let waiting = tokio::spawn(async move { waits.room().await });
        assert!(sink.room().now_or_never().is_none());
        stream.next().await;
        stream.next().await;
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn nobody_waits_for_a_reader_that_has_gone() {
        let (sink, stream) = open(1, None);
        sink.write(&vec![b'x'; Limits::default().stream_high_water_bytes + 1]);
        let waits = sink.clone();
        let waiting = tokio::spawn(async move { waits.room().await });
        drop(stream);
        waiting.await.unwrap();
        sink.closed().await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_stream_says_that_it_lives() {
        let (_sink, mut stream) = open(64, None);
        stream.next().await;
        assert_eq!(stream.next().await.unwrap().unwrap().data, KEEP_ALIVE);
        assert_eq!(stream.next().await.unwrap().unwrap().data, KEEP_ALIVE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_ends_it() {
        let (_sink, mut stream) = open(64, Some(Duration::from_secs(1)));
        stream.next().await;
        let status = stream.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
    }
}
