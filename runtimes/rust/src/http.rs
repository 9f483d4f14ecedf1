//! The HTTP request behind a call, and the HTTP response behind its answer.

mod answer;
mod call;
mod headers;

pub use answer::Answer;
pub use call::{Call, Method};
use headers::Headers;
