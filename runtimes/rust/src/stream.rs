//! The streams of a session, independent of the transport: events with ids, the calls that read
//! them, and the events kept for replay.

mod event_log;
mod event_streams;
mod open_stream;
mod sink;

pub use event_log::StreamNumber;
pub use event_streams::{EventStreams, Position};
pub use open_stream::{HeldRequest, OpenStream};
pub use sink::{EventReader, EventSink};
