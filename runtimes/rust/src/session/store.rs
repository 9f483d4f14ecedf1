//! The open sessions of a runtime.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;

use super::Session;
use crate::{
    failure::{Category, RequestRefused},
    json_rpc::code,
};

/// The open sessions of a runtime, shared by all connections. The store limits their number and ends idle sessions.
pub struct SessionStore {
    max: usize,
    idle: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<String, Arc<Session>>,
    /// Handshakes in flight.
    opening: usize,
    closed: bool,
}

/// A reservation for a session whose handshake is in flight.
pub struct Room<'a>(&'a SessionStore);

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.0.state.lock().opening -= 1;
    }
}

impl SessionStore {
    /// Creates a store for at most `max` sessions, which end after `idle` without use (SESSION-10).
    pub fn new(max: usize, idle: Duration) -> Self {
        Self {
            max,
            idle,
            state: Mutex::default(),
        }
    }

    /// Reserves room for one more session.
    ///
    /// # Errors
    /// Fails with 429 if the store is full.
    pub fn room(&self) -> Result<Room<'_>, RequestRefused> {
        let mut state = self.state.lock();
        if state.closed || state.sessions.len() + state.opening >= self.max {
            return Err(RequestRefused::new(
                Category::RateLimited,
                "too_many_sessions",
                "There are too many sessions: close some, or retry later",
            ));
        }
        state.opening += 1;
        Ok(Room(self))
    }

    /// Adds a session.
    pub fn add(&self, session: Arc<Session>) {
        let mut state = self.state.lock();
        if state.closed {
            drop(state);
            session.close();
        } else {
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
        self.state.lock().sessions.remove(&session.id);
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
        let store = SessionStore::new(2, Duration::from_secs(1));
        let first = store.room().unwrap();
        let _second = store.room().unwrap();
        assert_eq!(store.room().err().map(|refused| refused.http_status()), Some(429));
        drop(first);
        assert!(store.room().is_ok());
    }

    #[test]
    fn an_unknown_session_is_404() {
        let store = SessionStore::new(1, Duration::from_secs(1));
        assert_eq!(
            store.find("a").err().map(|refused| refused.http_status()),
            Some(404)
        );
    }
}
