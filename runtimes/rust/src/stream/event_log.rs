//! The events that a session keeps for replay.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

/// The number of a stream in its session.
pub type StreamNumber = u64;

struct Entry {
    stream: StreamNumber,
    sequence: u64,
    /// The encoded event, with its id.
    event: Bytes,
}

/// The latest events of all streams of a session, kept for replay and limited in number and size (RESUME-4).
pub struct EventLog {
    max_events: usize,
    max_bytes: usize,
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The number of events that the log contains for each stream.
    kept: HashMap<StreamNumber, usize>,
    /// The sequence number of the last event that the log has dropped from each stream.
    lost: HashMap<StreamNumber, u64>,
}

impl EventLog {
    pub fn new(max_events: usize, max_bytes: usize) -> Self {
        Self {
            max_events,
            max_bytes,
            entries: VecDeque::new(),
            bytes: 0,
            kept: HashMap::new(),
            lost: HashMap::new(),
        }
    }

    /// Appends an event, then drops the oldest events while the log exceeds its limits.
    pub fn add(&mut self, stream: StreamNumber, sequence: u64, event: Bytes) {
        self.bytes += event.len();
        *self.kept.entry(stream).or_default() += 1;
        self.entries.push_back(Entry {
            stream,
            sequence,
            event,
        });
        while self.entries.len() > self.max_events || self.bytes > self.max_bytes {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= oldest.event.len();
            if let Some(kept) = self.kept.get_mut(&oldest.stream) {
                *kept -= 1;
            }
            self.lost.insert(oldest.stream, oldest.sequence);
        }
    }

    /// Returns the events of a stream after `sequence`, or `None` if the log has dropped some of them.
    pub fn after(&self, stream: StreamNumber, sequence: u64) -> Option<Vec<Bytes>> {
        if self.lost.get(&stream).is_some_and(|&lost| lost > sequence) {
            return None;
        }
        let followed = |entry: &&Entry| entry.stream == stream && entry.sequence > sequence;
        let events = self.entries.iter().filter(followed);
        Some(events.map(|entry| entry.event.clone()).collect())
    }

    /// Returns whether the log contains any event of a stream.
    pub fn keeps(&self, stream: StreamNumber) -> bool {
        self.kept.get(&stream).is_some_and(|&kept| kept > 0)
    }

    /// Removes a stream of which the log contains no events. The event ids of the stream become invalid.
    pub fn drop_stream(&mut self, stream: StreamNumber) {
        self.kept.remove(&stream);
        self.lost.remove(&stream);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn replays_the_later_messages_of_the_same_stream() {
        let mut log = EventLog::new(10, 100);
        log.add(0, 1, event("a"));
        log.add(1, 1, event("x"));
        log.add(0, 2, event("b"));
        assert_eq!(log.after(0, 0).unwrap(), [event("a"), event("b")]);
        assert_eq!(log.after(0, 1).unwrap(), [event("b")]);
        assert_eq!(log.after(0, 2).unwrap(), Vec::<Bytes>::new());
    }

    #[test]
    fn is_limited_in_number_and_size_and_tracks_dropped_messages() {
        let mut log = EventLog::new(2, 5);
        log.add(0, 1, event("a"));
        log.add(0, 2, event("b"));
        log.add(0, 3, event("c"));
        assert_eq!(log.after(0, 0), None);
        assert_eq!(log.after(0, 1).unwrap().len(), 2);
        log.add(1, 1, event("12345"));
        assert!(!log.keeps(0));
        assert!(log.keeps(1));
        assert_eq!(log.after(0, 2), None);
        log.add(1, 2, event("too large to keep"));
        assert!(!log.keeps(1));
    }
}
