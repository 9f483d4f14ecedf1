//! The four RPCs: messages in, messages out.

mod chunks;
pub mod codec;
mod deadline;
mod handlers;
mod media_type;

pub use chunks::{ChunkStream, EventSink, StreamHead, StreamSettings};
pub use handlers::{About, Handlers};
pub use media_type::GrpcOnly;
