//! The streams of one session.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use parking_lot::Mutex;

use super::{
    event_log::{EventLog, StreamNumber},
    sink::EventSink,
};
use crate::{
    failure::{CallRefused, Category},
    limits::Limits,
    random::random_bytes,
};

/// The live stream of a session, the streams of its requests, and the events kept for replay. A stream outlives the
/// calls that read it: each message becomes an event with an id and is kept even if no call is reading the stream.
pub struct EventStreams {
    /// The prefix of event ids. It is unique to the session, so ids of other sessions are invalid here (RESUME-3).
    prefix: String,
    buffer_bytes: usize,
    /// Whether streams begin with a priming event.
    primes: AtomicBool,
    state: Mutex<State>,
}

struct State {
    log: EventLog,
    streams: HashMap<StreamNumber, Stream>,
    next_number: StreamNumber,
}

#[derive(Default)]
struct Stream {
    /// The sequence number in the latest event id.
    sequence: u64,
    ended: bool,
    sink: Option<EventSink>,
}

/// The position at which a reader starts or resumes a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub stream: StreamNumber,
    /// The sequence number of the last event that the reader received.
    after: Option<u64>,
}

impl Position {
    /// Creates a position for a reader that gets only new events.
    pub fn now(stream: StreamNumber) -> Self {
        Self { stream, after: None }
    }
}

impl EventStreams {
    /// The stream for messages without a request.
    pub const LIVE: StreamNumber = 0;

    /// Creates the streams of a new session, which has only the live stream.
    pub fn new(limits: &Limits) -> Self {
        let prefix = BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<9>());
        Self {
            // A dash separates the parts of an event id, so the prefix must not contain dashes.
            prefix: prefix.replace('-', "."),
            buffer_bytes: limits.stream_buffer_bytes,
            primes: AtomicBool::new(false),
            state: Mutex::new(State {
                log: EventLog::new(limits.replay_events, limits.replay_bytes),
                streams: HashMap::from([(Self::LIVE, Stream::default())]),
                next_number: Self::LIVE + 1,
            }),
        }
    }

    /// Makes streams begin with an event that has an id and no data.
    pub fn prime(&self) {
        self.primes.store(true, Ordering::Relaxed);
    }

    /// Opens a stream for a request.
    pub fn open(&self) -> StreamNumber {
        let mut state = self.state.lock();
        state.forget_ended_streams();
        let number = state.next_number;
        state.next_number += 1;
        state.streams.insert(number, Stream::default());
        number
    }

    /// Connects a call to a stream. The call gets the events that it missed, then new events. Returns false if another
    /// call is already reading the stream.
    pub fn attach(&self, position: Position, sink: EventSink) -> bool {
        let mut state = self.state.lock();
        let State { log, streams, .. } = &mut *state;
        let Some(stream) = streams.get_mut(&position.stream) else {
            sink.end();
            return true;
        };
        if stream.reader().is_some() {
            return false;
        }
        let missed = position
            .after
            .and_then(|after| log.after(position.stream, after))
            .unwrap_or_default();
        if missed.is_empty() && !stream.ended && self.primes.load(Ordering::Relaxed) {
            sink.write(&self.next_event(position.stream, stream, "", ""));
        }
        for event in missed {
            sink.write(&event);
        }
        if stream.ended {
            sink.end();
        } else {
            stream.sink = Some(sink);
        }
        true
    }

    /// Returns the sink of the call that is reading a stream, if any.
    pub fn reader(&self, stream: StreamNumber) -> Option<EventSink> {
        self.state.lock().streams.get(&stream)?.reader().cloned()
    }

    /// Sends a JSON-RPC message. Producers that can wait must wait until the returned sink, if any, has room.
    pub fn push(&self, stream: StreamNumber, message: &str) -> Option<EventSink> {
        let mut state = self.state.lock();
        let event = self.keep(&mut state, stream, message)?;
        let stream = state.streams.get_mut(&stream)?;
        let sink = stream.reader()?.clone();
        if sink.pending_bytes() > self.buffer_bytes {
            stream.sink = None;
            let message = "The stream is read too slowly";
            sink.fail(CallRefused::new(Category::RateLimited, message));
            return None;
        }
        sink.write(&event);
        Some(sink)
    }

    /// Encodes messages as the events of a new, complete stream, and keeps the events for replay.
    pub fn record<'m>(&self, messages: impl IntoIterator<Item = &'m String>) -> Bytes {
        let number = self.open();
        let mut state = self.state.lock();
        let mut events = Vec::new();
        for message in messages {
            events.extend_from_slice(&self.keep(&mut state, number, message).unwrap_or_default());
        }
        state.end(number);
        events.into()
    }

    /// Ends the call that is reading a stream, and keeps the stream open for a call that resumes it.
    pub fn suspend(&self, number: StreamNumber, retry_ms: u32) {
        let mut state = self.state.lock();
        let Some(stream) = state.streams.get_mut(&number) else {
            return;
        };
        if let Some(sink) = stream.sink.take() {
            let retry = format!("retry: {retry_ms}\n");
            sink.write(&self.next_event(number, stream, &retry, ""));
            sink.end();
        }
    }

    /// Ends a stream, and completes the call that is reading it (STREAM-3).
    pub fn end(&self, stream: StreamNumber) {
        self.state.lock().end(stream);
    }

    /// Ends every stream (SESSION-8).
    pub fn end_all(&self) {
        self.state.lock().streams.values_mut().for_each(Stream::end);
    }

    /// Returns the position after an event, or `None` if the id is unknown or later events were dropped (RESUME-3).
    pub fn position_after(&self, event_id: &str) -> Option<Position> {
        let mut parts = event_id.split('-');
        let (prefix, stream, sequence) = (parts.next()?, parts.next()?, parts.next()?);
        if prefix != self.prefix || parts.next().is_some() {
            return None;
        }
        let (stream, sequence) = (number(stream)?, number(sequence)?);
        let state = self.state.lock();
        let last = state.streams.get(&stream)?.sequence;
        if !(1..=last).contains(&sequence) {
            return None;
        }
        state.log.after(stream, sequence)?;
        Some(Position {
            stream,
            after: Some(sequence),
        })
    }

    fn keep(&self, state: &mut State, number: StreamNumber, message: &str) -> Option<Bytes> {
        let stream = state.streams.get_mut(&number)?;
        if stream.ended {
            return None;
        }
        let event = self.next_event(number, stream, "", message);
        state.log.add(number, stream.sequence, event.clone());
        Some(event)
    }

    /// Encodes an event. JSON contains no line breaks, so one `data` line is enough (STREAM-6).
    fn next_event(&self, number: StreamNumber, stream: &mut Stream, retry: &str, data: &str) -> Bytes {
        stream.sequence += 1;
        let (prefix, sequence) = (&self.prefix, stream.sequence);
        format!("id: {prefix}-{number}-{sequence}\n{retry}data: {data}\n\n").into()
    }
}

impl Stream {
    fn reader(&self) -> Option<&EventSink> {
        self.sink.as_ref().filter(|sink| !sink.is_closed())
    }

    fn end(&mut self) {
        self.ended = true;
        if let Some(sink) = self.sink.take() {
            sink.end();
        }
    }
}

impl State {
    fn end(&mut self, number: StreamNumber) {
        if let Some(stream) = self.streams.get_mut(&number) {
            stream.end();
        }
    }

    fn forget_ended_streams(&mut self) {
        let Self { log, streams, .. } = self;
        streams.retain(|&number, stream| {
            let stays = !stream.ended || log.keeps(number) || number == EventStreams::LIVE;
            if !stays {
                log.drop_stream(number);
            }
            stays
        });
    }
}

/// Parses a number in an event id, which has only decimal digits.
fn number(text: &str) -> Option<u64> {
    let is_number = (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
