//! Sessions. Each has an owner, a scope, an MCP connection and its streams.

mod store;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

pub use store::SessionStore;

use crate::{
    failure::{Category, RequestRefused},
    identity::Caller,
    mcp::Connection,
    random::random_bytes,
    stream::EventStreams,
};

/// Creates a session id: 192 random bits in base64url, which is visible ASCII (SESSION-1).
pub fn new_session_id() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<24>())
}

/// An MCP session.
pub struct Session {
    pub id: String,
    /// The email of the caller that created the session, or `None` for an anonymous caller (AUTH-2, AUTH-6).
    owner: Option<String>,
    /// The virtual server of the session, or "" (SESSION-5).
    server_id: String,
    pub connection: Connection,
    pub streams: Arc<EventStreams>,
    created: Instant,
    /// The time of the last use, in milliseconds after the creation of the session.
    last_used_ms: AtomicU64,
    /// Whether a call has used the session since its handshake.
    was_used: AtomicBool,
}

impl Session {
    pub fn new(
        id: String,
        caller: &Caller,
        server_id: String,
        connection: Connection,
        streams: Arc<EventStreams>,
    ) -> Self {
        Self {
            id,
            owner: caller.owner().map(str::to_owned),
            server_id,
            connection,
            streams,
            created: Instant::now(),
            last_used_ms: AtomicU64::new(0),
            was_used: AtomicBool::new(false),
        }
    }

    /// Admits only the owner of the session, and only in the session's scope. Marks the session as used.
    ///
    /// # Errors
    /// Fails with 403 (AUTH-2, AUTH-3, AUTH-6, SESSION-5).
    pub fn admit(&self, caller: &Caller, server_id: &str) -> Result<(), RequestRefused> {
        let refuse = |code, message| Err(RequestRefused::new(Category::PermissionDenied, code, message));
        if caller.owner() != self.owner.as_deref() {
            return refuse("not_the_owner", "The session belongs to another caller");
        }
        if server_id != self.server_id {
            return refuse("other_scope", "The session was created for another server_id");
        }
        self.mark_used();
        self.was_used.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Returns a key by which sessions are sorted to make room: those that were never used come first, then those that
    /// were idle for the longest time.
    fn spare_order(&self) -> (bool, std::cmp::Reverse<Duration>) {
        let was_used = self.was_used.load(Ordering::Relaxed);
        (was_used, std::cmp::Reverse(self.idle_time()))
    }

    /// Returns whether the session has a request in flight or a reader of its live stream.
    fn is_busy(&self) -> bool {
        self.connection.in_flight() > 0 || self.streams.reader(EventStreams::LIVE).is_some()
    }

    fn mark_used(&self) {
        self.last_used_ms.store(self.age_ms(), Ordering::Relaxed);
    }

    fn idle_time(&self) -> Duration {
        let last_used = self.last_used_ms.load(Ordering::Relaxed);
        Duration::from_millis(self.age_ms().saturating_sub(last_used))
    }

    fn age_ms(&self) -> u64 {
        u64::try_from(self.created.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Ends the requests and streams of the session normally (SESSION-8).
    fn close(&self) {
        self.connection.close();
        self.streams.end_all();
    }
}
