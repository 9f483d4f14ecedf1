//! The unary calls under way.

use std::sync::{Arc, PoisonError, RwLock};

use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

/// Counts the unary calls under way: a stop waits for all that it let begin, and for no other (LIFE-9). Clones share
/// one count.
#[derive(Clone, Default)]
pub struct Calls {
    stopping: Arc<RwLock<bool>>,
    under_way: TaskTracker,
}

impl Calls {
    /// Counts a call until the token is dropped. Returns none after a stop.
    pub fn begin(&self) -> Option<TaskTrackerToken> {
        // A stop waits until the call is counted.
        let stopping = self.stopping.read().unwrap_or_else(PoisonError::into_inner);
        (!*stopping).then(|| self.under_way.token())
    }

    /// How many calls are under way.
    pub fn count(&self) -> usize {
        self.under_way.len()
    }

    /// Lets no more calls begin.
    pub fn stop(&self) {
        *self.stopping.write().unwrap_or_else(PoisonError::into_inner) = true;
        self.under_way.close();
    }

    /// Whether there has been a stop.
    pub fn are_stopping(&self) -> bool {
        *self.stopping.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns after a stop when no call is under way any more.
    pub async fn ended(&self) {
        self.under_way.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn a_stop_waits_for_the_calls_that_began_before_it() {
        let calls = Calls::default();
        let token = calls.begin();
        assert_eq!(calls.count(), 1);
        calls.stop();
        assert!(calls.are_stopping());
        assert!(calls.begin().is_none());
        let ended = tokio::spawn({
            let calls = calls.clone();
            async move { calls.ended().await }
        });
        tokio::task::yield_now().await;
        assert!(!ended.is_finished());
        drop(token);
        ended.await.unwrap();
    }

    /// Whoever sees a call under way and stops then, sees it through: a call counted is never refused afterwards.
    #[test]
    fn a_call_is_counted_only_if_it_began() {
        for _ in 0..200 {
            let calls = Calls::default();
            let caller = thread::spawn({
                let calls = calls.clone();
                move || calls.begin()
            });
            while calls.count() == 0 && !caller.is_finished() {
                std::hint::spin_loop();
            }
            calls.stop();
            assert!(caller.join().unwrap().is_some());
        }
    }
}
