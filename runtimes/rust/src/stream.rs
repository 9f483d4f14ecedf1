//! The streams of a session, whatever transport carries them: events with ids, the one call that reads each stream, and
//! the events kept for replay.

mod event_log;
mod event_streams;
mod sink;

pub use event_log::StreamNumber;
pub use event_streams::{EventStreams, Position};
pub use sink::{EventReader, EventSink};
