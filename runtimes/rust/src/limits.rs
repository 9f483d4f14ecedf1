//! The limits of a runtime.

use std::time::Duration;

use mcp_conformance_catalog::STATE_LIFETIME;

const MEBIBYTE: usize = 1024 * 1024;

/// The limits of a runtime. Sizes are in bytes.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The maximum size of a request body (LIMIT-2).
    pub max_body_bytes: usize,
    /// The maximum total size of the other fields of a request message.
    pub max_envelope_bytes: usize,
    /// The maximum number of open sessions (SESSION-10).
    pub max_sessions: usize,
    /// The maximum number of open sessions of a caller with an identity (SESSION-11).
    pub max_sessions_per_caller: usize,
    /// The time after which an unused session ends (SESSION-10).
    pub session_idle: Duration,
    /// The maximum number of requests in flight in one session.
    pub max_requests_per_session: usize,
    /// The maximum number of resources that a session may subscribe to.
    pub max_subscriptions: usize,
    /// The maximum number of subscriptions of a caller with an identity, in all of its sessions (MCP-18).
    pub max_subscriptions_per_caller: usize,
    /// The maximum number of subscriptions of all callers (MCP-18).
    pub max_subscriptions_in_total: usize,
    /// The maximum length of the URI of a subscription (MCP-18).
    pub max_subscribed_uri_bytes: usize,
    /// The maximum number of events that a session keeps for replay (RESUME-4).
    pub replay_events: usize,
    /// The maximum total size of the events that a session keeps for replay (RESUME-4).
    pub replay_bytes: usize,
    /// The maximum size of the data pending for a slow reader. Above it, the stream fails (STREAM-11).
    pub stream_buffer_bytes: usize,
    /// The size of the pending data above which producers wait, if they can (STREAM-11).
    pub stream_high_water_bytes: usize,
    /// The maximum total size of the messages that precede the response to one `Invoke`.
    pub collected_bytes: usize,
    /// The maximum size of the data in one chunk.
    pub chunk_bytes: usize,
    /// The interval of keep-alives on an idle stream (STREAM-7).
    pub keep_alive: Duration,
    /// The maximum time that a new reader of a stream waits for the previous reader to end.
    pub takeover: Duration,
    /// The time after which a stream begins although its request has not sent anything, without sessions.
    pub head_delay: Duration,
    /// The maximum number of open subscriptions without sessions.
    pub max_listens: usize,
    /// The maximum number of open subscriptions of a caller with an identity, without sessions (MODERN-64).
    pub max_listens_per_caller: usize,
    /// The lifetime of the state of a question, without sessions.
    pub request_state: Duration,
    /// The maximum time that a shutdown waits for unary calls (LIFE-9).
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 4 * MEBIBYTE,
            max_envelope_bytes: MEBIBYTE,
            max_sessions: 10_000,
            max_sessions_per_caller: 1000,
            session_idle: Duration::from_secs(30 * 60),
            max_requests_per_session: 1000,
            max_subscriptions: 256,
            max_subscriptions_per_caller: 4096,
            max_subscriptions_in_total: 40_960,
            max_subscribed_uri_bytes: 8192,
            replay_events: 1024,
            replay_bytes: 4 * MEBIBYTE,
            stream_buffer_bytes: 8 * MEBIBYTE,
            stream_high_water_bytes: 256 * 1024,
            collected_bytes: 64 * MEBIBYTE,
            chunk_bytes: 256 * 1024,
            keep_alive: Duration::from_secs(15),
            takeover: Duration::from_millis(250),
            head_delay: Duration::from_millis(250),
            max_listens: 1024,
            max_listens_per_caller: 256,
            request_state: STATE_LIFETIME,
            drain: Duration::from_secs(5),
        }
    }
}
