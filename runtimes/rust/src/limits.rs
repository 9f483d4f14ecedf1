//! The bounds of a runtime.

use std::time::Duration;

const MEBIBYTE: usize = 1024 * 1024;

/// The bounds of a runtime. Sizes in bytes.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest request body (LIMIT-2).
    pub max_body_bytes: usize,
    /// Room for the other fields of a request message, beyond its body.
    pub max_envelope_bytes: usize,
    /// How many sessions there may be at a time (SESSION-10).
    pub max_sessions: usize,
    /// How long a session may be without use (SESSION-10).
    pub session_idle: Duration,
    /// How many requests of one session may be under way.
    pub max_requests_per_session: usize,
    /// How many resources a session may subscribe to.
    pub max_subscriptions: usize,
    /// How many messages a session keeps for replay (RESUME-4).
    pub replay_events: usize,
    /// How large the messages kept for replay may be together (RESUME-4).
    pub replay_bytes: usize,
    /// How much may wait for the slow reader of a stream before the stream is ended (STREAM-11).
    pub stream_buffer_bytes: usize,
    /// How much may wait for a reader before producers that can wait do so (STREAM-11).
    pub stream_high_water_bytes: usize,
    /// How large the messages that precede the response of one `Invoke` may be together.
    pub collected_bytes: usize,
    /// The largest piece of a stream in one chunk.
    pub chunk_bytes: usize,
    /// How often an idle stream says that it lives (STREAM-7).
    pub keep_alive: Duration,
    /// How long a second reader of a stream waits for the first one to be given up before it is refused.
    pub takeover: Duration,
    /// How long unary calls may go on after a stop (LIFE-9).
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
