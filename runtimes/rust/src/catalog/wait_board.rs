//! Work that blocks until it is released, and what became of it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use indexmap::IndexMap;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// How many owners, and keys of one owner, are remembered.
const MAX_OWNERS: usize = 1000;
const MAX_KEYS: usize = 1000;
/// After this time waiting ends by itself.
const WAIT_LIMIT: Duration = Duration::from_secs(60);

/// What became of work under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitState {
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

/// How waiting ended, where it was not cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    Released,
    TimedOut,
}

/// Work that waits, kept apart for each owner, and bounded.
#[derive(Default)]
pub struct WaitBoard {
    owners: Mutex<IndexMap<String, Keys>>,
}

type Keys = IndexMap<String, Entry>;

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
    fn new() -> Self {
        Self {
            state: WaitState::Running,
            waiters: HashMap::new(),
            next: 0,
        }
    }

    /// Work is cancelled with its request, whether or not it has noticed yet.
    fn settle_cancelled(&mut self) {
        let waiting = self.waiters.len();
        self.waiters
            .retain(|_, waiter| !waiter.cancellation.is_cancelled());
        if waiting > 0 && self.waiters.is_empty() {
            self.state = WaitState::Cancelled;
        }
    }

    fn is_over(&mut self) -> bool {
        self.settle_cancelled();
        self.waiters.is_empty()
    }
}

impl WaitBoard {
    /// Begins to wait; `None` where there is no room for it.
    pub fn wait(self: &Arc<Self>, owner: &str, key: &str, cancellation: CancellationToken) -> Option<Wait> {
        let mut owners = self.owners();
        let keys = entry(&mut owners, owner, MAX_OWNERS, Keys::new, |keys| {
            keys.values_mut().all(Entry::is_over)
        })?;
        let entry = entry(keys, key, MAX_KEYS, Entry::new, Entry::is_over)?;
        let (release, released) = oneshot::channel();
        let number = entry.next;
        entry.next += 1;
        entry.state = WaitState::Running;
        entry.waiters.insert(
            number,
            Waiter {
                release,
                cancellation,
            },
        );
        Some(Wait {
            released,
            place: Place {
                board: self.clone(),
                owner: owner.to_owned(),
                key: key.to_owned(),
                number,
                ending: WaitState::Cancelled,
            },
        })
    }

    /// Ends all waiting under a key, and says for how many.
    pub fn release(&self, owner: &str, key: &str) -> usize {
        let mut owners = self.owners();
        let Some(entry) = owners.get_mut(owner).and_then(|keys| keys.get_mut(key)) else {
            return 0;
        };
        entry.settle_cancelled();
        let waiters = std::mem::take(&mut entry.waiters);
        if !waiters.is_empty() {
            entry.state = WaitState::Finished;
        }
        let released = waiters.len();
        for waiter in waiters.into_values() {
            // It may be ending at this moment, by itself.
            let _ = waiter.release.send(());
        }
        released
    }

    /// What became of the work under a key; `None` where there was none.
    pub fn state(&self, owner: &str, key: &str) -> Option<WaitState> {
        let mut owners = self.owners();
        let entry = owners.get_mut(owner)?.get_mut(key)?;
        entry.settle_cancelled();
        Some(entry.state)
    }

    fn owners(&self) -> MutexGuard<'_, IndexMap<String, Keys>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entry of a key. Where there are as many as may be, the oldest that may go is forgotten; `None` where none may.
fn entry<'m, V>(
    map: &'m mut IndexMap<String, V>,
    key: &str,
    max: usize,
    new: impl FnOnce() -> V,
    mut may_go: impl FnMut(&mut V) -> bool,
) -> Option<&'m mut V> {
    if !map.contains_key(key) {
        if map.len() >= max {
            let oldest = map.values_mut().position(&mut may_go)?;
            map.shift_remove_index(oldest);
        }
        map.insert(key.to_owned(), new());
    }
    map.get_mut(key)
}

/// One that waits. Where it is dropped before it is over, it was cancelled.
pub struct Wait {
    released: oneshot::Receiver<()>,
    place: Place,
}

impl Wait {
    pub async fn outcome(self) -> WaitOutcome {
        let Self { released, mut place } = self;
        let outcome = match tokio::time::timeout(WAIT_LIMIT, released).await {
            Ok(_) => WaitOutcome::Released,
            Err(_) => WaitOutcome::TimedOut,
        };
        place.ending = WaitState::Finished;
        outcome
    }
}

/// Where one waits on the board, which it leaves at its end.
struct Place {
    board: Arc<WaitBoard>,
    owner: String,
    key: String,
    number: u64,
    ending: WaitState,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut owners = self.board.owners();
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
    async fn waits_until_it_is_released() {
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
    async fn is_cancelled_with_its_request_and_when_it_is_dropped() {
        let (board, cancellation) = board();
        let _wait = board.wait("a", "k", cancellation.clone()).unwrap();
        cancellation.cancel();
        assert_eq!(board.state("a", "k"), Some(WaitState::Cancelled));
        assert_eq!(board.release("a", "k"), 0);
        drop(board.wait("a", "l", CancellationToken::new()).unwrap());
        assert_eq!(board.state("a", "l"), Some(WaitState::Cancelled));
    }

    #[tokio::test(start_paused = true)]
    async fn does_not_wait_for_ever() {
        let (board, never) = board();
        let wait = board.wait("a", "k", never).unwrap();
        assert_eq!(wait.outcome().await, WaitOutcome::TimedOut);
        assert_eq!(board.state("a", "k"), Some(WaitState::Finished));
    }

    #[test]
    fn forgets_what_is_over_and_never_what_waits() {
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
