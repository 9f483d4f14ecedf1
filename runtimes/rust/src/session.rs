//! Sessions of the revisions that have them: an owner, a scope, an MCP connection and its streams.

mod event_log;
mod store;
mod streams;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

pub use event_log::StreamNumber;
pub use store::SessionStore;
pub use streams::{EventStreams, Place};

use crate::{
    failure::{Category, RequestRefused, random_bytes},
    identity::Caller,
    mcp::Connection,
};

/// Makes the id of a session: 192 random bits in base64url, which is visible ASCII (SESSION-1).
pub fn new_session_id() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<24>())
}

/// A session.
pub struct Session {
    pub id: String,
    /// The email of the caller that created it, `None` for one without identity (AUTH-2, AUTH-6).
    pub owner: Option<String>,
    /// The virtual server that it was created for, "" for none (SESSION-5).
    pub server_id: String,
    pub connection: Connection,
    pub streams: Arc<EventStreams>,
    last_used: LastUsed,
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
            last_used: LastUsed::now(),
        }
    }

    /// Lets only the session's owner use it, and only in the scope that it was created in; notes that it is used.
    ///
    /// # Errors
    /// 403 (AUTH-2, AUTH-3, AUTH-6, SESSION-5).
    pub fn admit(&self, caller: &Caller, server_id: &str) -> Result<(), RequestRefused> {
        let refuse = |code, message| Err(RequestRefused::new(Category::PermissionDenied, code, message));
        if caller.owner() != self.owner.as_deref() {
            return refuse("not_the_owner", "The session belongs to another caller");
        }
        if server_id != self.server_id {
            return refuse("other_scope", "The session was created for another server_id");
        }
        self.last_used.note();
        Ok(())
    }

    /// Whether something goes on in it: a request under way or an open live stream.
    fn is_busy(&self) -> bool {
        self.connection.under_way() > 0 || self.streams.reader(EventStreams::LIVE).is_some()
    }

    /// Ends its requests and streams in the regular way (SESSION-8).
    fn close(&self) {
        self.connection.close();
        self.streams.end_all();
    }
}

/// When a session was last used, by a monotonic clock.
struct LastUsed {
    created: Instant,
    after_ms: AtomicU64,
}

impl LastUsed {
    fn now() -> Self {
        Self {
            created: Instant::now(),
            after_ms: AtomicU64::new(0),
        }
    }

    fn note(&self) {
        self.after_ms.store(self.age_ms(), Ordering::Relaxed);
    }

    fn idle_ms(&self) -> u64 {
        self.age_ms()
            .saturating_sub(self.after_ms.load(Ordering::Relaxed))
    }

    fn age_ms(&self) -> u64 {
        u64::try_from(self.created.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
