//! Calls that wait until another call releases them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use indexmap::IndexMap;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// The maximum number of owners on a board.
const MAX_OWNERS: usize = 1000;
/// The maximum number of keys per owner.
const MAX_KEYS: usize = 1000;
/// The time limit of a wait.
const WAIT_LIMIT: Duration = Duration::from_secs(60);

/// The state of the latest wait for a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WaitState {
    #[default]
    Running,
    Cancelled,
    Finished,
}

impl WaitState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Cancelled => "cancelled",
            Self::Finished => "finished",
        }
    }
}

/// The outcome of a wait that was not cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    Released,
    TimedOut,
}

/// The waits of each owner, limited in number.
#[derive(Default)]
pub struct WaitBoard {
    owners: Mutex<IndexMap<String, Keys>>,
}

type Keys = IndexMap<String, Entry>;

#[derive(Default)]
struct Entry {
    state: WaitState,
    waiters: HashMap<u64, Waiter>,
    next: u64,
}

struct Waiter {
    release: oneshot::Sender<()>,
    cancellation: CancellationToken,
}

impl Entry {
    /// Removes the waits of cancelled requests, even if they have not noticed the cancellation yet.
    fn remove_cancelled(&mut self) {
        let waiting = self.waiters.len();
        self.waiters
            .retain(|_, waiter| !waiter.cancellation.is_cancelled());
        if waiting > 0 && self.waiters.is_empty() {
            self.state = WaitState::Cancelled;
        }
    }

    fn is_over(&mut self) -> bool {
        self.remove_cancelled();
        self.waiters.is_empty()
    }
}

impl WaitBoard {
    /// Starts a wait. Returns `None` if the board is full.
    pub fn wait(self: &Arc<Self>, owner: &str, key: &str, cancellation: CancellationToken) -> Option<Wait> {
        let mut owners = self.owners.lock();
        let keys = entry(&mut owners, owner, MAX_OWNERS, |keys| {
            keys.values_mut().all(Entry::is_over)
        })?;
        let entry = entry(keys, key, MAX_KEYS, Entry::is_over)?;
        let (release, released) = oneshot::channel();
        let number = entry.next;
        entry.next += 1;
        entry.state = WaitState::Running;
        let waiter = Waiter {
            release,
            cancellation,
        };
        entry.waiters.insert(number, waiter);
        Some(Wait {
            board: self.clone(),
            owner: owner.to_owned(),
            key: key.to_owned(),
            number,
            released,
            ending: WaitState::Cancelled,
        })
    }

    /// Releases all waits for a key, and returns their number.
    pub fn release(&self, owner: &str, key: &str) -> usize {
        let mut owners = self.owners.lock();
        let Some(entry) = owners.get_mut(owner).and_then(|keys| keys.get_mut(key)) else {
            return 0;
        };
        entry.remove_cancelled();
        let waiters = std::mem::take(&mut entry.waiters);
        if !waiters.is_empty() {
            entry.state = WaitState::Finished;
        }
        let released = waiters.len();
        for waiter in waiters.into_values() {
            // The wait may have just timed out.
            let _ = waiter.release.send(());
        }
        released
    }

    /// Returns the state of the latest wait for a key, or `None` if the key is unknown.
    pub fn state(&self, owner: &str, key: &str) -> Option<WaitState> {
        let mut owners = self.owners.lock();
        let entry = owners.get_mut(owner)?.get_mut(key)?;
        entry.remove_cancelled();
        Some(entry.state)
    }
}

/// Returns the entry for a key. A new key in a full map replaces the oldest finished entry. Returns `None` if no
/// entry is finished.
fn entry<'m, V: Default>(
    map: &'m mut IndexMap<String, V>,
    key: &str,
    max: usize,
    mut is_over: impl FnMut(&mut V) -> bool,
) -> Option<&'m mut V> {
    if !map.contains_key(key) {
        if map.len() >= max {
            let oldest = map.values_mut().position(&mut is_over)?;
            map.shift_remove_index(oldest);
        }
        map.insert(key.to_owned(), V::default());
    }
    map.get_mut(key)
}

/// A wait on the board. Dropping this value removes the wait, and cancels the wait if it has no outcome yet.
pub struct Wait {
    board: Arc<WaitBoard>,
    owner: String,
    key: String,
    number: u64,
    released: oneshot::Receiver<()>,
    ending: WaitState,
}

impl Wait {
    pub async fn outcome(mut self) -> WaitOutcome {
        let outcome = match tokio::time::timeout(WAIT_LIMIT, &mut self.released).await {
            Ok(_) => WaitOutcome::Released,
            Err(_) => WaitOutcome::TimedOut,
        };
        self.ending = WaitState::Finished;
        outcome
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut owners = self.board.owners.lock();
        let keys = owners.get_mut(&self.owner);
        let Some(entry) = keys.and_then(|keys| keys.get_mut(&self.key)) else {
            return;
        };
        if entry.waiters.remove(&self.number).is_some() && entry.waiters.is_empty() {
            entry.state = self.ending;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> (Arc<WaitBoard>, CancellationToken) {
        (Arc::default(), CancellationToken::new())
    }

    #[tokio::test]
    async fn a_wait_lasts_until_its_release() {
        let (board, never) = board();
        let first = board.wait("a", "k", never.clone()).unwrap();
        let second = board.wait("a", "k", never).unwrap();
        assert_eq!(board.state("a", "k"), Some(WaitState::Running));
        assert_eq!(board.release("b", "k"), 0);
        assert_eq!(board.release("a", "k"), 2);
        assert_eq!(board.state("a", "k"), Some(WaitState::Finished));
        assert_eq!(first.outcome().await, WaitOutcome::Released);
        assert_eq!(second.outcome().await, WaitOutcome::Released);
        assert_eq!(board.release("a", "k"), 0);
        assert_eq!(board.state("a", "other"), None);
    }

    #[tokio::test]
    async fn a_wait_is_cancelled_with_its_request_or_when_dropped() {
        let (board, cancellation) = board();
        let _wait = board.wait("a", "k", cancellation.clone()).unwrap();
        cancellation.cancel();
        assert_eq!(board.state("a", "k"), Some(WaitState::Cancelled));
        assert_eq!(board.release("a", "k"), 0);
        drop(board.wait("a", "l", CancellationToken::new()).unwrap());
        assert_eq!(board.state("a", "l"), Some(WaitState::Cancelled));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_times_out() {
        let (board, never) = board();
        let wait = board.wait("a", "k", never).unwrap();
        assert_eq!(wait.outcome().await, WaitOutcome::TimedOut);
        assert_eq!(board.state("a", "k"), Some(WaitState::Finished));
    }

    #[test]
    fn a_full_board_forgets_only_finished_waits() {
        let (board, never) = board();
        let waits: Vec<Wait> = (0..MAX_KEYS)
            .map(|key| board.wait("a", &key.to_string(), never.clone()).unwrap())
            .collect();
        assert!(board.wait("a", "one more", never.clone()).is_none());
        board.release("a", "7");
        assert!(board.wait("a", "one more", never).is_some());
        assert_eq!(board.state("a", "7"), None);
        drop(waits);
    }
}
