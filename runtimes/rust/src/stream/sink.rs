//! The two ends of one open call: the sink that producers write to, and the reader that the transport drains.

use std::{
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::failure::CallRefused;

/// The writing end of an open call.
#[derive(Clone)]
pub struct EventSink(Arc<Shared>);

/// The reading end of an open call. Dropping it closes the call.
pub struct EventReader(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Signals that the call has room again or is closed.
    room: Notify,
    closed: CancellationToken,
    high_water_bytes: usize,
}

#[derive(Default)]
struct State {
    /// The bytes that are written but not read yet.
    pending: BytesMut,
    ending: Option<Result<(), CallRefused>>,
    reader: Option<Waker>,
}

impl EventSink {
    /// Creates the two ends of a call. Producers wait while more than `high_water_bytes` are pending (STREAM-11).
    pub fn new(high_water_bytes: usize) -> (Self, EventReader) {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            room: Notify::new(),
            closed: CancellationToken::new(),
            high_water_bytes,
        });
        (Self(shared.clone()), EventReader(shared))
    }

    /// Returns the number of bytes that the reader has not taken yet.
    pub fn pending_bytes(&self) -> usize {
        self.0.state.lock().pending.len()
    }

    /// Writes bytes immediately, even if the call has no room for them.
    pub fn write(&self, bytes: &[u8]) {
        self.change(|state| state.pending.extend_from_slice(bytes));
    }

    /// Ends the stream normally (STREAM-3).
    pub fn end(&self) {
        self.change(|state| state.ending = Some(Ok(())));
    }

    /// Fails the stream and discards the pending bytes (STREAM-5).
    pub fn fail(&self, refused: CallRefused) {
        self.change(|state| {
            state.pending = BytesMut::new();
            state.ending = Some(Err(refused));
        });
    }

    /// Returns whether the call has ended, or will end once its reader has taken the pending bytes.
    pub fn is_closed(&self) -> bool {
        self.0.closed.is_cancelled() || self.0.state.lock().ending.is_some()
    }

    /// Waits until the call has ended.
    pub async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    /// Waits until the call has room for more bytes or has ended (STREAM-11).
    pub async fn room(&self) {
        loop {
            let woken = self.0.room.notified();
            if self.0.closed.is_cancelled() || self.pending_bytes() <= self.0.high_water_bytes {
                return;
            }
            woken.await;
        }
    }

    /// Changes the state, unless the stream has ended, and wakes the reader.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let reader = {
            let mut state = self.0.state.lock();
            if state.ending.is_some() || self.0.closed.is_cancelled() {
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

impl EventReader {
    /// Takes up to `max_bytes` of the pending bytes. Returns `None` at the normal end, or an error if the stream
    /// failed.
    pub fn poll_take(
        &self,
        context: &mut Context<'_>,
        max_bytes: usize,
    ) -> Poll<Option<Result<Bytes, CallRefused>>> {
        let mut state = self.0.state.lock();
        if !state.pending.is_empty() {
            let size = state.pending.len().min(max_bytes);
            let piece = state.pending.split_to(size).freeze();
            let has_room = state.pending.len() <= self.0.high_water_bytes;
            drop(state);
            if has_room {
                self.0.room.notify_waiters();
            }
            return Poll::Ready(Some(Ok(piece)));
        }
        match state.ending.clone() {
            None => {
                state.reader = Some(context.waker().clone());
                Poll::Pending
            }
            Some(ending) => Poll::Ready(ending.err().map(Err)),
        }
    }

    /// Returns whether the writing end has ended the stream normally.
    pub fn has_ended(&self) -> bool {
        matches!(self.0.state.lock().ending, Some(Ok(())))
    }
}

impl Drop for EventReader {
    fn drop(&mut self) {
        self.0.closed.cancel();
        self.0.room.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt;

    use super::*;
    use crate::failure::Category;

    async fn take(reader: &EventReader, max_bytes: usize) -> Option<Result<Bytes, CallRefused>> {
        poll_fn(|context| reader.poll_take(context, max_bytes)).await
    }

    #[tokio::test]
    async fn bytes_arrive_in_pieces_before_the_end() {
        let (sink, reader) = EventSink::new(10);
        sink.write(b"one");
        sink.write(b"two");
        sink.end();
        sink.write(b"late");
        assert!(sink.is_closed());
        assert_eq!(take(&reader, 4).await.unwrap().unwrap(), "onet");
        assert_eq!(take(&reader, 4).await.unwrap().unwrap(), "wo");
        assert!(take(&reader, 4).await.is_none());
    }

    #[tokio::test]
    async fn a_failure_discards_pending_bytes() {
        let (sink, reader) = EventSink::new(10);
        sink.write(b"discarded");
        sink.fail(CallRefused::new(Category::RateLimited, "too slow"));
        let refused = take(&reader, 4).await.unwrap().unwrap_err();
        assert_eq!(refused.category, Category::RateLimited);
    }

    #[tokio::test]
    async fn producers_wait_until_the_reader_has_taken_enough() {
        let (sink, reader) = EventSink::new(10);
        assert!(sink.room().now_or_never().is_some());
        sink.write(&[b'x'; 11]);
        let waits = sink.clone();
        let waiting = tokio::spawn(async move { waits.room().await });
        assert!(sink.room().now_or_never().is_none());
        take(&reader, 1).await;
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn producers_do_not_wait_for_a_closed_reader() {
        let (sink, reader) = EventSink::new(10);
        sink.write(&[b'x'; 11]);
        let waits = sink.clone();
        let waiting = tokio::spawn(async move { waits.room().await });
        drop(reader);
        waiting.await.unwrap();
        sink.closed().await;
        assert!(sink.is_closed());
    }

    #[tokio::test]
    async fn a_write_wakes_the_reader() {
        let (sink, reader) = EventSink::new(10);
        let reading = tokio::spawn(async move { take(&reader, 4).await });
        tokio::task::yield_now().await;
        sink.write(b"late");
        assert_eq!(reading.await.unwrap().unwrap().unwrap(), "late");
    }
}
