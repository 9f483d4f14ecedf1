//! The open sessions of a runtime.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;

use super::Session;
use crate::{
    failure::{Category, RequestRefused},
    json_rpc::code,
    limits::Limits,
    quota::Quota,
};

/// The open sessions of a runtime, shared by all connections. The store limits their number and ends idle sessions.
pub struct SessionStore {
    idle: Duration,
    state: Mutex<State>,
}

struct State {
    sessions: HashMap<String, Arc<Session>>,
    /// Counts the sessions and the handshakes in flight of each owner.
    quota: Quota,
    closed: bool,
}

impl State {
    fn remove(&mut self, session: &Session) {
        if self.sessions.remove(&session.id).is_some() {
            self.quota.remove(session.owner.as_deref());
        }
    }

    /// Returns the session that can end to make room for an owner: an idle one of the caller with the most sessions,
    /// who must have at least two more than the owner (SESSION-11).
    fn spare_for(&self, owner: Option<&str>) -> Option<Arc<Session>> {
        let mut by_owner: HashMap<Option<&str>, Vec<&Arc<Session>>> = HashMap::new();
        for session in self.sessions.values() {
            by_owner
                .entry(session.owner.as_deref())
                .or_default()
                .push(session);
        }
        let most = by_owner.into_values().max_by_key(Vec::len)?;
        if most.len() < self.quota.count(owner) + 2 {
            return None;
        }
        let unused = most.into_iter().filter(|session| !session.is_busy());
        unused.min_by_key(|session| session.spare_order()).cloned()
    }
}

/// A reservation for a session whose handshake is in flight.
pub struct Room<'a> {
    store: &'a SessionStore,
    owner: Option<String>,
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.store.state.lock().quota.remove(self.owner.as_deref());
    }
}

impl SessionStore {
    /// Creates a store for a limited number of sessions, which end after some time without use (SESSION-10).
    pub fn new(limits: &Limits) -> Self {
        Self {
            idle: limits.session_idle,
            state: Mutex::new(State {
                sessions: HashMap::new(),
                quota: Quota::new(limits.max_sessions, limits.max_sessions_per_caller),
                closed: false,
            }),
        }
    }

    /// Reserves room for one more session of an owner. May end an unused session of a caller with many sessions.
    ///
    /// # Errors
    /// Fails with 429 if the store is full, or the owner has too many sessions (SESSION-11).
    pub fn room(&self, owner: Option<&str>) -> Result<Room<'_>, RequestRefused> {
        let refuse = |code, message| Err(RequestRefused::new(Category::RateLimited, code, message));
        let mut state = self.state.lock();
        if state.quota.is_used_up_by(owner) {
            let message = "The caller has too many sessions: close some, or retry later";
            return refuse("too_many_sessions_of_caller", message);
        }
        let mut spare = None;
        if state.closed || state.quota.is_used_up() {
            spare = state.spare_for(owner);
            let Some(spare) = &spare else {
                let message = "There are too many sessions: close some, or retry later";
                return refuse("too_many_sessions", message);
            };
            state.remove(spare);
        }
        state.quota.add(owner);
        drop(state);
        if let Some(spare) = spare {
            spare.close();
        }
        Ok(Room {
            store: self,
            owner: owner.map(str::to_owned),
        })
    }

    /// Adds a session.
    pub fn add(&self, session: Arc<Session>) {
        let mut state = self.state.lock();
        if state.closed {
            drop(state);
            session.close();
        } else {
            state.quota.add(session.owner.as_deref());
            state.sessions.insert(session.id.clone(), session);
        }
    }

    /// Returns the session with this id.
    ///
    /// # Errors
    /// Fails with 404 if the session does not exist or has ended (SESSION-2).
    pub fn find(&self, id: &str) -> Result<Arc<Session>, RequestRefused> {
        self.state.lock().sessions.get(id).cloned().ok_or_else(|| {
            RequestRefused::new(
                Category::NotFound,
                "session_not_found",
                "The session does not exist: open a new one with initialize",
            )
            .rpc_code(code::SESSION_NOT_FOUND)
        })
    }

    /// Ends and removes a session (SESSION-4).
    pub fn end(&self, session: &Session) {
        self.state.lock().remove(session);
        session.close();
    }

    /// Returns all open sessions.
    pub fn all(&self) -> Vec<Arc<Session>> {
        self.state.lock().sessions.values().cloned().collect()
    }

    /// Ends idle sessions until the returned future is dropped.
    pub async fn end_idle(&self) {
        let pause = (self.idle / 4).clamp(Duration::from_millis(10), Duration::from_secs(60));
        loop {
            tokio::time::sleep(pause).await;
            for session in self.all() {
                if session.is_busy() {
                    session.mark_used();
                } else if session.idle_time() > self.idle {
                    self.end(&session);
                }
            }
        }
    }

    /// Ends every session, and refuses new ones.
    pub fn close(&self) {
        let sessions = {
            let mut state = self.state.lock();
            state.closed = true;
            std::mem::take(&mut state.sessions)
        };
        for session in sessions.into_values() {
            session.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_limited_and_released() {
        let store = store(2, 2);
        let status = || store.room(Some("c")).err().map(|refused| refused.http_status());
        let first = store.room(Some("a")).unwrap();
        let _second = store.room(Some("b")).unwrap();
        assert_eq!(status(), Some(429));
        drop(first);
        assert_eq!(status(), None);
    }

    #[test]
    fn each_caller_has_a_quota() {
        let store = store(10, 1);
        let _room = store.room(Some("a")).unwrap();
        assert_eq!(
            store.room(Some("a")).err().map(|refused| refused.http_status()),
            Some(429)
        );
        assert!(store.room(Some("b")).is_ok());
    }

    fn store(max_sessions: usize, max_sessions_per_caller: usize) -> SessionStore {
        SessionStore::new(&Limits {
            max_sessions,
            max_sessions_per_caller,
            ..Limits::default()
        })
    }

    #[test]
    fn an_unknown_session_is_404() {
        let store = store(1, 1);
        assert_eq!(
            store.find("a").err().map(|refused| refused.http_status()),
            Some(404)
        );
    }
}
