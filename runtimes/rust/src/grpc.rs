//! The four RPCs: messages in, messages out.

mod calls;
mod chunks;
pub mod codec;
mod connection;
mod deadline;
mod gate;
mod handlers;

pub use calls::Calls;
pub use chunks::{ChunkStream, EventSink, StreamHead, StreamSettings};
pub use connection::{Connection, connect};
pub use gate::Gate;
pub use handlers::{About, Handlers};
