use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;

use super::event_log::{EventLog, StreamNumber};
use crate::{
    failure::{CallRefused, Category, random_bytes},
    grpc::EventSink,
    limits::Limits,
    mcp::revision,
};

/// The live stream of a session, the streams of its requests, and what is kept of them for replay. A stream outlives
/// the calls that read it: messages get their ids, and are kept, whether anybody reads or not.
pub struct EventStreams {
    /// What ids begin with: unique to the session, so that no other session's id is valid here (RESUME-3).
    prefix: String,
    /// How much may wait for a slow reader.
    buffer_bytes: usize,
    revision: OnceLock<String>,
    state: Mutex<State>,
}

struct State {
    log: EventLog,
    streams: HashMap<StreamNumber, Stream>,
    opened: StreamNumber,
}

#[derive(Default)]
struct Stream {
    /// The number of the last id that was given.
    sequence: u64,
    ended: bool,
    sink: Option<EventSink>,
}

impl Stream {
    fn reader(&self) -> Option<&EventSink> {
        self.sink.as_ref().filter(|sink| !sink.is_closed())
    }
}

/// Where a stream goes on for a reader that was away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub stream: StreamNumber,
    /// The number of the last event that the reader saw.
    after: Option<u64>,
}

impl Place {
    /// From now on.
    pub fn now(stream: StreamNumber) -> Self {
        Self { stream, after: None }
    }
}

impl EventStreams {
    /// The stream of the messages that belong to no request.
    pub const LIVE: StreamNumber = 0;

    pub fn new(limits: &Limits) -> Self {
        let live = (Self::LIVE, Stream::default());
        Self {
            prefix: BASE64_URL_SAFE_NO_PAD
                .encode(random_bytes::<9>())
                .replace('-', "."),
            buffer_bytes: limits.stream_buffer_bytes,
            revision: OnceLock::new(),
            state: Mutex::new(State {
                log: EventLog::new(limits.replay_events, limits.replay_bytes),
                streams: HashMap::from([live]),
                opened: 1,
            }),
        }
    }

    /// Tells which revision was negotiated: it decides how streams begin.
    pub fn negotiated(&self, revision: &str) {
        let _ = self.revision.set(revision.to_owned());
    }

    /// Opens a stream for a request.
    pub fn open(&self) -> StreamNumber {
        let mut state = self.state();
        state.forget_what_is_over();
        let number = state.opened;
        state.opened += 1;
        state.streams.insert(number, Stream::default());
        number
    }

    /// Begins to write to a call: first what it missed, then the stream as it goes on. Says whether it did: one call
    /// reads a stream at a time.
    pub fn attach(&self, place: Place, sink: EventSink) -> bool {
        let mut state = self.state();
        let State { log, streams, .. } = &mut *state;
        let Some(stream) = streams.get_mut(&place.stream) else {
            sink.end();
            return true;
        };
        if stream.reader().is_some() {
            return false;
        }
        let missed = place
            .after
            .and_then(|after| log.after(place.stream, after))
            .unwrap_or_default();
        let primes = self
            .revision
            .get()
            .is_some_and(|revision| revision::has_priming_events(revision));
        if missed.is_empty() && !stream.ended && primes {
            sink.write(&self.next_event(place.stream, stream, None, ""));
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

    /// The call that reads a stream, if one does.
    pub fn reader(&self, stream: StreamNumber) -> Option<EventSink> {
        self.state().streams.get(&stream)?.reader().cloned()
    }

    /// Sends a JSON-RPC message. Producers that can wait do so until the returned reader has room for more.
    pub fn push(&self, stream: StreamNumber, message: &str) -> Option<EventSink> {
        let mut state = self.state();
        let event = self.keep(&mut state, stream, message)?;
        let stream = state.streams.get_mut(&stream)?;
        let sink = stream.reader()?.clone();
        if sink.pending_bytes() > self.buffer_bytes {
            stream.sink = None;
            let message = "The reader of the stream is too slow";
            sink.fail(CallRefused::new(Category::RateLimited, message));
            return None;
        }
        sink.write(&event);
        Some(sink)
    }

    /// Gives a message its id and keeps it, for a reader that gets the whole stream at once. Returns its event.
    pub fn record(&self, stream: StreamNumber, message: &str) -> Bytes {
        self.keep(&mut self.state(), stream, message).unwrap_or_default()
    }

    /// Closes the call that reads, and leaves the stream open to one that resumes it.
    pub fn suspend(&self, number: StreamNumber, retry_ms: u32) {
        let mut state = self.state();
        let Some(stream) = state.streams.get_mut(&number) else {
            return;
        };
        if let Some(sink) = stream.sink.take() {
            sink.write(&self.next_event(number, stream, Some(retry_ms), ""));
            sink.end();
        }
    }

    /// Ends a stream and the call that reads it, in the regular way (STREAM-3).
    pub fn end(&self, stream: StreamNumber) {
        if let Some(stream) = self.state().streams.get_mut(&stream) {
            stream.end();
        }
    }

    /// Ends every stream (SESSION-8).
    pub fn end_all(&self) {
        self.state().streams.values_mut().for_each(Stream::end);
    }

    /// Where to go on after an event, `None` where the id says nothing here or what followed is forgotten (RESUME-3).
    pub fn place_of(&self, last_event_id: &str) -> Option<Place> {
        let mut parts = last_event_id.split('-');
        if parts.next()? != self.prefix {
            return None;
        }
        let stream = number(parts.next()?)?;
        let sequence = number(parts.next()?)?;
        if parts.next().is_some() {
            return None;
        }
        let state = self.state();
        let last = state.streams.get(&stream)?.sequence;
        if sequence < 1 || sequence > last {
            return None;
        }
        state.log.after(stream, sequence)?;
        Some(Place {
            stream,
            after: Some(sequence),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, state: &mut State, number: StreamNumber, message: &str) -> Option<Bytes> {
        let stream = state.streams.get_mut(&number)?;
        if stream.ended {
            return None;
        }
        let event = self.next_event(number, stream, None, message);
        state.log.add(number, stream.sequence, event.clone());
        Some(event)
    }

    /// Writes an event. JSON has no line ends of its own, so one `data` line is enough (STREAM-6).
    fn next_event(
        &self,
        number: StreamNumber,
        stream: &mut Stream,
        retry_ms: Option<u32>,
        data: &str,
    ) -> Bytes {
        stream.sequence += 1;
        let retry = retry_ms.map_or_else(String::new, |retry_ms| format!("retry: {retry_ms}\n"));
        let (prefix, sequence) = (&self.prefix, stream.sequence);
        format!("id: {prefix}-{number}-{sequence}\n{retry}data: {data}\n\n").into()
    }
}

impl Stream {
    fn end(&mut self) {
        self.ended = true;
        if let Some(sink) = self.sink.take() {
            sink.end();
        }
    }
}

impl State {
    fn forget_what_is_over(&mut self) {
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

/// A number of an event id, in decimal digits alone.
fn number(text: &str) -> Option<u64> {
    let is_number = (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt};

    use super::*;
    use crate::grpc::{ChunkStream, StreamHead, StreamSettings};

    fn streams(limits: &Limits) -> EventStreams {
        let streams = EventStreams::new(limits);
        streams.negotiated("2025-06-18");
        streams
    }

    fn call() -> (EventSink, ChunkStream) {
        ChunkStream::new(
            StreamHead::events(),
            &StreamSettings::new(&Limits::default(), None),
        )
    }

    /// What has arrived on a call, and whether it is over.
    fn read(chunks: &mut ChunkStream) -> (String, bool) {
        let mut text = Vec::new();
        while let Some(next) = chunks.next().now_or_never() {
            match next {
                Some(Ok(chunk)) if !chunk.done => text.extend_from_slice(&chunk.data),
                _ => return (String::from_utf8(text).unwrap(), true),
            }
        }
        (String::from_utf8(text).unwrap(), false)
    }

    fn ids(text: &str) -> Vec<&str> {
        text.lines()
            .filter_map(|line| line.strip_prefix("id: "))
            .collect()
    }

    #[tokio::test]
    async fn a_stream_goes_on_where_its_reader_was() {
        let streams = streams(&Limits::default());
        let stream = streams.open();
        let (sink, mut first) = call();
        assert!(streams.attach(Place::now(stream), sink));
        streams.push(stream, "1");
        let (text, _) = read(&mut first);
        drop(first);
        streams.push(stream, "2");
        let place = streams.place_of(ids(&text)[0]).unwrap();
        let (sink, mut second) = call();
        assert!(streams.attach(place, sink));
        streams.push(stream, "3");
        streams.end(stream);
        streams.push(stream, "never");
        let (text, is_over) = read(&mut second);
        assert!(text.contains("data: 2\n") && text.contains("data: 3\n") && !text.contains("data: 1\n"));
        assert_eq!(ids(&text).len(), 2);
        assert!(is_over);
    }

    #[tokio::test]
    async fn one_call_reads_a_stream_at_a_time() {
        let streams = streams(&Limits::default());
        let (sink, first) = call();
        assert!(streams.attach(Place::now(EventStreams::LIVE), sink));
        assert!(!streams.attach(Place::now(EventStreams::LIVE), call().0));
        drop(first);
        assert!(streams.reader(EventStreams::LIVE).is_none());
        assert!(streams.attach(Place::now(EventStreams::LIVE), call().0));
    }

    #[tokio::test]
    async fn only_the_latest_revision_primes_its_streams() {
        for (revision, events) in [("2025-11-25", 1), ("2025-06-18", 0)] {
            let streams = EventStreams::new(&Limits::default());
            streams.negotiated(revision);
            let (sink, mut chunks) = call();
            streams.attach(Place::now(EventStreams::LIVE), sink);
            let (text, _) = read(&mut chunks);
            assert_eq!(ids(&text).len(), events, "{revision}");
        }
    }

    #[tokio::test]
    async fn a_suspended_stream_lives_on() {
        let streams = streams(&Limits::default());
        let stream = streams.open();
        let (sink, mut chunks) = call();
        streams.attach(Place::now(stream), sink);
        streams.suspend(stream, 500);
        let (text, is_over) = read(&mut chunks);
        assert!(is_over && text.contains("\nretry: 500\ndata: \n\n"));
        streams.push(stream, "later");
        let (sink, mut chunks) = call();
        streams.attach(streams.place_of(ids(&text)[0]).unwrap(), sink);
        assert!(read(&mut chunks).0.contains("data: later\n"));
    }

    #[tokio::test]
    async fn a_reader_that_is_too_slow_loses_its_stream() {
        let limits = Limits {
            stream_buffer_bytes: 10,
            ..Limits::default()
        };
        let streams = streams(&limits);
        let (sink, mut chunks) = call();
        streams.attach(Place::now(EventStreams::LIVE), sink);
        assert!(streams.push(EventStreams::LIVE, "a message").is_some());
        assert!(streams.push(EventStreams::LIVE, "one too many").is_none());
        chunks.next().await.unwrap().unwrap();
        let status = chunks.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    }

    #[test]
    fn ids_that_were_not_given_here_say_nothing() {
        let streams = streams(&Limits::default());
        let event = streams.record(EventStreams::LIVE, "1");
        let text = String::from_utf8(event.to_vec()).unwrap();
        let id = ids(&text)[0];
        assert!(streams.place_of(id).is_some());
        let other = EventStreams::new(&Limits::default());
        other.record(EventStreams::LIVE, "1");
        assert_eq!(other.place_of(id), None);
        let prefix = &streams.prefix;
        for id in [
            String::new(),
            prefix.clone(),
            format!("{prefix}-0-0"),
            format!("{prefix}-0-2"),
            format!("{prefix}-7-1"),
            format!("{prefix}-0-+1"),
            format!("{prefix}-0-1-1"),
        ] {
            assert_eq!(streams.place_of(&id), None, "{id}");
        }
    }

    #[test]
    fn streams_that_are_over_are_forgotten_with_their_messages() {
        let limits = Limits {
            replay_events: 2,
            ..Limits::default()
        };
        let streams = streams(&limits);
        for _ in 0..100 {
            let stream = streams.open();
            streams.record(stream, "1");
            streams.end(stream);
        }
        assert!(streams.state().streams.len() <= 4);
    }
}
