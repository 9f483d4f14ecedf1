//! The HTTP request and response that a call and its answer stand for.

mod answer;
mod call;
mod headers;

pub use answer::Answer;
pub use call::{Call, Method, Rpc};
pub use headers::Headers;
