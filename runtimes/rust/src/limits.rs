//! The limits of a runtime.

use std::time::Duration;

const MEBIBYTE: usize = 1024 * 1024;

/// The limits of a runtime. Sizes are in bytes.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest request body (LIMIT-2).
    pub max_body_bytes: usize,
    /// The largest size of the other fields of a request message, besides its body.
    pub max_envelope_bytes: usize,
    /// How many sessions may be open at a time (SESSION-10).
    pub max_sessions: usize,
    /// How long a session stays open without use (SESSION-10).
    pub session_idle: Duration,
    /// How many requests of one session may be in flight.
    pub max_requests_per_session: usize,
    /// How many resources a session may subscribe to.
    pub max_subscriptions: usize,
    /// How many messages a session keeps for replay (RESUME-4).
    pub replay_events: usize,
    /// The total size of the messages that a session keeps for replay (RESUME-4).
    pub replay_bytes: usize,
    /// How many bytes may be pending for a slow reader before its stream fails (STREAM-11).
    pub stream_buffer_bytes: usize,
    /// How many bytes may be pending before producers that can wait do so (STREAM-11).
    pub stream_high_water_bytes: usize,
    /// The total size of the messages that precede the response of one `Invoke`.
    pub collected_bytes: usize,
    /// The most data in one chunk.
    pub chunk_bytes: usize,
    /// How often an idle stream sends a keep-alive (STREAM-7).
    pub keep_alive: Duration,
    /// How long a second reader of a stream waits for the first one to go away before it is refused.
    pub takeover: Duration,
    /// How long unary calls may run after a stop (LIFE-9).
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 4 * MEBIBYTE,
            max_envelope_bytes: MEBIBYTE,
            max_sessions: 10_000,
            session_idle: Duration::from_secs(30 * 60),
            max_requests_per_session: 1000,
            max_subscriptions: 256,
            replay_events: 1024,
            replay_bytes: 4 * MEBIBYTE,
            stream_buffer_bytes: 8 * MEBIBYTE,
            stream_high_water_bytes: 256 * 1024,
            collected_bytes: 64 * MEBIBYTE,
            chunk_bytes: 256 * 1024,
            keep_alive: Duration::from_secs(15),
            takeover: Duration::from_millis(250),
            drain: Duration::from_secs(5),
        }
    }
}
