//! The path on which the messages and the response of a request reach the caller.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::stream::{EventSink, EventStreams, StreamNumber};

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Response(String),
    /// The caller cancelled the request, so there is no response (DEADLINE-3).
    Cancelled,
    /// The session closed while the request was in flight (SESSION-8).
    Closed,
    /// The messages of the request exceed the size limit of one answer.
    TooLarge,
}

/// The complete answer to a request, as `Invoke` returns it.
#[derive(Debug)]
pub struct Collected {
    /// The messages that belong to the request, in order.
    pub messages: Vec<String>,
    pub outcome: Outcome,
}

/// The path on which the messages and the response of a request reach the caller.
pub enum ResponsePath {
    /// Collects the messages and the response for the answer from `Invoke`.
    Collected(Mutex<Collection>),
    /// Sends the messages and the response to a stream immediately (POST-1).
    Streamed {
        streams: Arc<EventStreams>,
        stream: StreamNumber,
    },
}

/// The messages collected for one answer, limited in size.
pub struct Collection {
    messages: Vec<String>,
    bytes: usize,
    max_bytes: usize,
    answer: Option<oneshot::Sender<Collected>>,
}

impl ResponsePath {
    /// Creates a path to one answer. `max_bytes` limits the total size of its messages.
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

    /// Sends a message that belongs to the request. If a sink is returned, the producer must wait until it has room.
    pub fn message(&self, json: String) -> Option<EventSink> {
        match self {
            Self::Collected(collection) => {
                collection.lock().add(json);
                None
            }
            Self::Streamed { streams, stream } => streams.push(*stream, &json),
        }
    }

    /// Returns whether this path can carry server requests while the caller's request runs (POST-2).
    pub fn is_interactive(&self) -> bool {
        matches!(self, Self::Streamed { .. })
    }

    /// Ends the call that is reading the stream, if any. The request keeps running.
    pub fn suspend(&self, retry_ms: u32) {
        if let Self::Streamed { streams, stream } = self {
            streams.suspend(*stream, retry_ms);
        }
    }

    /// Ends the request.
    pub fn finish(&self, outcome: Outcome) {
        match self {
            Self::Collected(collection) => collection.lock().finish(outcome),
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
            // Sending fails if the call has ended.
            let _ = answer.send(Collected { messages, outcome });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_limited_in_size() {
        let (path, mut collected) = ResponsePath::collected(10);
        path.message("x".repeat(6));
        path.message("x".repeat(6));
        assert_eq!(collected.try_recv().unwrap().outcome, Outcome::TooLarge);
    }
}
