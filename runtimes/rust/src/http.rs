//! The HTTP requests and responses that calls carry.

mod answer;
mod call;
#[cfg(test)]
mod fuzz;
mod headers;

pub use answer::Answer;
pub use call::{Call, Method};
pub use headers::Headers;
