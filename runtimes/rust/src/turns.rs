//! Divides expensive work among callers, so that the work of one caller hardly delays that of others.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tokio::sync::{Mutex as Queue, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// Lets one piece of work of each caller run at a time, and limits the number for all callers together.
pub struct Turns {
    slots: Arc<Semaphore>,
    /// The queues of the callers that have work.
    queues: Mutex<HashMap<String, Weak<Queue<()>>>>,
}

/// The turn of a caller, which ends when it is dropped.
pub struct Turn {
    _slot: OwnedSemaphorePermit,
    _queue: OwnedMutexGuard<()>,
}

impl Turns {
    /// Creates turns. `slots` is the number of pieces of work that may run at the same time.
    pub fn new(slots: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            queues: Mutex::default(),
        }
    }

    /// Waits for the turn of a caller.
    ///
    /// # Panics
    /// Never panics, because the semaphore is never closed.
    pub async fn begin(&self, caller: &str) -> Turn {
        let queue = self.queue_of(caller).lock_owned().await;
        let slot = self.slots.clone().acquire_owned().await;
        Turn {
            _slot: slot.expect("the semaphore is never closed"),
            _queue: queue,
        }
    }

    fn queue_of(&self, caller: &str) -> Arc<Queue<()>> {
        let mut queues = self.queues.lock();
        if let Some(queue) = queues.get(caller).and_then(Weak::upgrade) {
            return queue;
        }
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::default();
        queues.insert(caller.to_owned(), Arc::downgrade(&queue));
        queue
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn work_of_one_caller_does_not_wait_for_all_work_of_another() {
        let turns = Arc::new(Turns::new(2));
        let first = turns.begin("ann").await;
        let other = turns.clone();
        let second = tokio::spawn(async move { other.begin("ann").await });
        tokio::task::yield_now().await;
        let bob = turns.begin("bob").await;
        assert!(turns.begin("eve").now_or_never().is_none());
        assert!(!second.is_finished());
        drop((first, bob));
        drop(second.await.unwrap());
        drop(turns.begin("eve").await);
        assert_eq!(turns.queues.lock().len(), 1);
    }
}
