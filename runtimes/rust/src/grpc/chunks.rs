//! Encodes the answers to `InvokeStream` as the chunks of the contract: head, data and `done`.

use std::{
    collections::HashMap,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Status;

use crate::{http::Answer, proto::McpChunk, serving::Pieces};

/// The chunks of one stream. A chunk is built only when the caller reads it.
pub struct ChunkStream {
    headers: HashMap<String, String>,
    pieces: Pieces,
    deadline: Option<Pin<Box<Sleep>>>,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Head,
    Body,
    Finished,
}

impl ChunkStream {
    /// Creates the chunks of an open stream with these response headers. The stream fails at the deadline of its call
    /// (RPC-15).
    pub fn new(headers: HashMap<String, String>, pieces: Pieces, deadline: Option<Instant>) -> Self {
        Self {
            headers,
            pieces,
            deadline: deadline.map(|at| Box::pin(sleep_until(at))),
            state: State::Head,
        }
    }
}

fn data(data: Bytes) -> McpChunk {
    McpChunk {
        data,
        ..McpChunk::default()
    }
}

fn done() -> McpChunk {
    McpChunk {
        done: true,
        ..McpChunk::default()
    }
}

/// Returns the chunks of an answer with a body instead of events: the refusal of a POST (POST-6).
pub fn answer_chunks(answer: Answer, chunk_bytes: usize) -> Vec<McpChunk> {
    let mut body = answer.body;
    let mut chunks = vec![McpChunk {
        status: answer.status.into(),
        headers: answer.headers,
        ..McpChunk::default()
    }];
    while !body.is_empty() {
        chunks.push(data(body.split_to(chunk_bytes.min(body.len()))));
    }
    chunks.push(done());
    chunks
}

/// Returns the only chunk of a stream without a body: a refusal (STREAM-2) or a status (POST-3).
pub fn status_chunk(status: u16) -> McpChunk {
    McpChunk {
        status: status.into(),
        error_status: if status >= 400 { status.into() } else { 0 },
        ..done()
    }
}

impl Stream for ChunkStream {
    type Item = Result<McpChunk, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.state {
            State::Finished => return Poll::Ready(None),
            State::Head => {
                self.state = State::Body;
                return Poll::Ready(Some(Ok(McpChunk {
                    status: 200,
                    headers: std::mem::take(&mut self.headers),
                    ..McpChunk::default()
                })));
            }
            State::Body => {}
        }
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            self.state = State::Finished;
            return Poll::Ready(Some(Err(Status::deadline_exceeded("Deadline exceeded"))));
        }
        let chunk = match ready!(Pin::new(&mut self.pieces).poll_next(context)) {
            Some(Ok(bytes)) => Ok(data(bytes)),
            Some(Err(refused)) => {
                self.state = State::Finished;
                Err(refused.into())
            }
            None => {
                self.state = State::Finished;
                Ok(done())
            }
        };
        Poll::Ready(Some(chunk))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::StreamExt;

    use super::*;
    use crate::{
        failure::{CallRefused, Category},
        limits::Limits,
        stream::{EventSink, OpenStream},
    };

    fn open(chunk_bytes: usize, deadline: Option<Instant>) -> (EventSink, ChunkStream) {
        let limits = Limits {
            chunk_bytes,
            ..Limits::default()
        };
        let (sink, reader) = EventSink::new(limits.stream_high_water_bytes);
        let headers = HashMap::from([("content-type".to_owned(), "text/event-stream".to_owned())]);
        let pieces = Pieces::new(OpenStream::new(reader), &limits);
        (sink, ChunkStream::new(headers, pieces, deadline))
    }

    #[tokio::test]
    async fn a_stream_has_a_head_data_and_done() {
        let (sink, stream) = open(4, None);
        sink.write(b"onetwo");
        sink.end();
        let chunks: Vec<McpChunk> = stream.map(Result::unwrap).collect().await;
        assert_eq!(chunks[0].status, 200);
        assert_eq!(chunks[0].headers["content-type"], "text/event-stream");
        assert_eq!(chunks[1].data, "onet");
        assert_eq!(chunks[2].data, "wo");
        assert!(chunks[3].done && chunks[3].data.is_empty());
        assert_eq!(chunks.len(), 4);
    }

    #[test]
    fn an_answer_has_a_head_its_body_and_done() {
        let chunks = answer_chunks(Answer::json(400, "{\"a\":1}".to_owned()), 4);
        assert_eq!(chunks[0].status, 400);
        assert_eq!(chunks[0].headers["content-type"], "application/json");
        assert_eq!(chunks[1].data, "{\"a\"");
        assert_eq!(chunks[2].data, ":1}");
        assert!(chunks[3].done && chunks.iter().all(|chunk| chunk.error_status == 0));
        assert_eq!(chunks.len(), 4);
    }

    #[tokio::test]
    async fn a_failed_stream_ends_with_a_status_and_without_done() {
        let (sink, mut stream) = open(4, None);
        sink.fail(CallRefused::new(Category::RateLimited, "too slow"));
        stream.next().await.unwrap().unwrap();
        let status = stream.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        assert!(stream.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_ends_the_stream() {
        let deadline = Instant::now() + Duration::from_secs(1);
        let (_sink, mut stream) = open(64, Some(deadline));
        stream.next().await;
        let status = stream.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
        assert!(stream.next().await.is_none());
    }
}
