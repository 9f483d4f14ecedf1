//! The unary calls in flight.

use std::sync::Arc;

use parking_lot::RwLock;
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

/// The status of a runtime (HEALTH-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    #[default]
    Ok,
    Stopping,
}

impl Health {
    /// Its name in `HealthResponse.status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stopping => "stopping",
        }
    }
}

/// The unary calls in flight. A stop waits for every call that began before it, and for no other (LIFE-9). Clones share
/// one count.
#[derive(Clone, Default)]
pub struct Calls {
    health: Arc<RwLock<Health>>,
    in_flight: TaskTracker,
}

impl Calls {
    /// Counts a call until the token is dropped. `None` after a stop.
    pub fn begin(&self) -> Option<TaskTrackerToken> {
        // Holding the lock makes a stop wait until the call is counted.
        let health = self.health.read();
        (*health == Health::Ok).then(|| self.in_flight.token())
    }

    /// How many calls are in flight.
    pub fn count(&self) -> usize {
        self.in_flight.len()
    }

    /// Lets no more calls begin.
    pub fn stop(&self) {
        *self.health.write() = Health::Stopping;
        self.in_flight.close();
    }

    /// Whether calls may begin.
    pub fn health(&self) -> Health {
        *self.health.read()
    }

    /// Waits until a stop has happened and no call is in flight.
    pub async fn ended(&self) {
        self.in_flight.wait().await;
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
        assert_eq!(calls.health(), Health::Stopping);
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

    /// A stop that follows the count of a call never refuses that call.
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
