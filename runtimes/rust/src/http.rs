//! The HTTP requests and responses that calls carry.

mod answer;
mod call;
mod headers;

pub use answer::Answer;
pub use call::{Call, Method};
pub use headers::Headers;
