use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::Session;
use crate::{
    failure::{Category, RequestRefused},
    json_rpc::code,
};

/// The sessions of a runtime: bounded in number, ended after a time without use, known on every connection.
pub struct SessionStore {
    max: usize,
    idle: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<String, Arc<Session>>,
    /// Handshakes under way.
    opening: usize,
    closed: bool,
}

/// Room for a session whose handshake is under way.
pub struct Room<'a>(&'a SessionStore);

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.0.state().opening -= 1;
    }
}

impl SessionStore {
    /// A store of at most so many sessions, which end after this time without use (SESSION-10).
    pub fn new(max: usize, idle: Duration) -> Self {
        Self {
            max,
            idle,
            state: Mutex::default(),
        }
    }

    /// Makes sure that there is room for one more session.
    ///
    /// # Errors
    /// 429 where the store is full.
    pub fn room(&self) -> Result<Room<'_>, RequestRefused> {
        let mut state = self.state();
        if state.closed || state.sessions.len() + state.opening >= self.max {
            return Err(RequestRefused::new(
                Category::RateLimited,
                "too_many_sessions",
                "There are too many sessions: close some, or try again later",
            ));
        }
        state.opening += 1;
        Ok(Room(self))
    }

    /// Lets a session be found.
    pub fn add(&self, session: Arc<Session>) {
        let mut state = self.state();
        if state.closed {
            drop(state);
            session.close();
        } else {
            state.sessions.insert(session.id.clone(), session);
        }
    }

    /// The session with this id.
    ///
    /// # Errors
    /// 404 where there is none, or no longer (SESSION-2).
    pub fn find(&self, id: &str) -> Result<Arc<Session>, RequestRefused> {
        self.state().sessions.get(id).cloned().ok_or_else(|| {
            RequestRefused::new(
                Category::NotFound,
                "session_not_found",
                "There is no such session: start a new one with initialize",
            )
            .rpc_code(code::SESSION_NOT_FOUND)
        })
    }

    /// Ends a session; from now on it does not exist (SESSION-4).
    pub fn end(&self, session: &Session) {
        self.state().sessions.remove(&session.id);
        session.close();
    }

    /// Every session that is open.
    pub fn all(&self) -> Vec<Arc<Session>> {
        self.state().sessions.values().cloned().collect()
    }

    /// Ends sessions that were not used for too long, for as long as it is polled.
    pub async fn end_idle(&self) {
        let pause = (self.idle / 4).clamp(Duration::from_millis(10), Duration::from_secs(60));
        loop {
            tokio::time::sleep(pause).await;
            for session in self.all() {
                if session.is_busy() {
                    session.last_used.note();
                } else if u128::from(session.last_used.idle_ms()) > self.idle.as_millis() {
                    self.end(&session);
                }
            }
        }
    }

    /// Ends every session; there will be no other.
    pub fn close(&self) {
        let sessions = {
            let mut state = self.state();
            state.closed = true;
            std::mem::take(&mut state.sessions)
        };
        for session in sessions.into_values() {
            session.close();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_bounded_and_given_back() {
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
