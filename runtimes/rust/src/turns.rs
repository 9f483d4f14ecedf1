//! Divides expensive work among callers, so that the work of one caller hardly delays the calls of others.

use std::{
    collections::HashMap,
    panic::resume_unwind,
    sync::{Arc, Weak},
    thread::available_parallelism,
};

use parking_lot::Mutex;
use tokio::{
    sync::{Mutex as Queue, Semaphore},
    task::spawn_blocking,
};

/// Lets at most one piece of work of each caller run at the same time, and leaves a processor to everything else.
pub struct Turns {
    slots: Semaphore,
    /// The queues of the callers that have work.
    queues: Mutex<HashMap<String, Weak<Queue<()>>>>,
}

impl Default for Turns {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self::new((processors - 1).max(1))
    }
}

impl Turns {
    fn new(slots: usize) -> Self {
        Self {
            slots: Semaphore::new(slots),
            queues: Mutex::default(),
        }
    }

    /// Runs work on a thread of its own when it is the caller's turn.
    ///
    /// # Panics
    /// Panics if the work does.
    pub async fn run<T: Send + 'static>(&self, caller: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
        let queue = self.queue_of(caller);
        let _turn = queue.lock().await;
        // The semaphore is never closed.
        let _slot = self.slots.acquire().await;
        spawn_blocking(work)
            .await
            .unwrap_or_else(|failed| resume_unwind(failed.into_panic()))
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
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_of_one_caller_does_not_wait_for_all_work_of_another() {
        let turns = Arc::new(Turns::new(2));
        let (release, released) = mpsc::channel::<()>();
        let first = turns.clone();
        let blocked = tokio::spawn(async move { first.run("ann", move || released.recv()).await });
        while turns.slots.available_permits() == 2 {
            tokio::task::yield_now().await;
        }
        let second = turns.clone();
        let waiting = tokio::spawn(async move { second.run("ann", || 2).await });
        assert_eq!(turns.run("bob", || 1).await, 1);
        assert!(!waiting.is_finished());
        release.send(()).unwrap();
        assert_eq!(waiting.await.unwrap(), 2);
        blocked.await.unwrap().unwrap();
        assert_eq!(turns.run("eve", || 3).await, 3);
        assert_eq!(turns.queues.lock().len(), 1);
    }
}
