//! The text of an open stream in pieces, with comments while the stream is idle.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep};

use crate::{failure::CallRefused, limits::Limits, stream::OpenStream};

/// An SSE comment that keeps an idle stream alive. Readers ignore it (STREAM-7).
const KEEP_ALIVE: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// The pieces of one stream. A piece is built only when the transport takes it (STREAM-11).
pub struct Pieces {
    stream: OpenStream,
    piece_bytes: usize,
    keep_alive: Duration,
    idle: Pin<Box<Sleep>>,
}

impl Pieces {
    pub fn new(stream: OpenStream, limits: &Limits) -> Self {
        Self {
            stream,
            piece_bytes: limits.chunk_bytes,
            keep_alive: limits.keep_alive,
            idle: Box::pin(sleep(limits.keep_alive)),
        }
    }
}

impl Stream for Pieces {
    /// An error means that the stream broke.
    type Item = Result<Bytes, CallRefused>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = match self.stream.reader.poll_take(context, self.piece_bytes) {
            Poll::Ready(Some(Ok(bytes))) => bytes,
            Poll::Pending if self.idle.as_mut().poll(context).is_ready() => KEEP_ALIVE,
            end => return end,
        };
        let next = Instant::now() + self.keep_alive;
        self.idle.as_mut().reset(next);
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;
    use crate::{failure::Category, stream::EventSink};

    fn open(piece_bytes: usize) -> (EventSink, Pieces) {
        let limits = Limits {
            chunk_bytes: piece_bytes,
            ..Limits::default()
        };
        let (sink, reader) = EventSink::new(limits.stream_high_water_bytes);
        (sink, Pieces::new(OpenStream::new(reader), &limits))
    }

    #[tokio::test]
    async fn a_piece_has_a_maximum_size() {
        let (sink, pieces) = open(4);
        sink.write(b"onetwo");
        sink.end();
        let pieces: Vec<Bytes> = pieces.map(Result::unwrap).collect().await;
        assert_eq!(pieces, ["onet", "wo"]);
    }

    #[tokio::test]
    async fn a_broken_stream_has_an_error() {
        let (sink, mut pieces) = open(4);
        sink.fail(CallRefused::new(Category::RateLimited, "too slow"));
        let refused = pieces.next().await.unwrap().unwrap_err();
        assert_eq!(refused.category, Category::RateLimited);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_stream_has_keep_alives() {
        let (_sink, mut pieces) = open(64);
        let started = Instant::now();
        assert_eq!(pieces.next().await.unwrap().unwrap(), KEEP_ALIVE);
        assert_eq!(pieces.next().await.unwrap().unwrap(), KEEP_ALIVE);
        assert!(started.elapsed() >= 2 * Limits::default().keep_alive);
    }
}
