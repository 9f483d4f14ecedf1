//! Counts the unary calls in flight.

use std::sync::Arc;

use parking_lot::RwLock;
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

/// The status that a health check reports (HEALTH-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    #[default]
    Ok,
    Stopping,
}

impl Health {
    /// Returns the name for `HealthResponse.status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stopping => "stopping",
        }
    }
}

/// The unary calls in flight. A shutdown waits for the calls that began before it (LIFE-9). Clones share one count.
#[derive(Clone, Default)]
pub struct Calls {
    health: Arc<RwLock<Health>>,
    in_flight: TaskTracker,
}

impl Calls {
    /// Counts a call until the returned token is dropped. Returns `None` once the shutdown has begun.
    pub fn begin(&self) -> Option<TaskTrackerToken> {
        // Holding the lock makes a shutdown wait until the call is counted.
        let health = self.health.read();
        (*health == Health::Ok).then(|| self.in_flight.token())
    }

    /// Returns the number of calls in flight.
    pub fn count(&self) -> usize {
        self.in_flight.len()
    }

    /// Refuses new calls from now on.
    pub fn stop(&self) {
        *self.health.write() = Health::Stopping;
        self.in_flight.close();
    }

    /// Returns the status, which is `Stopping` once the shutdown has begun.
    pub fn health(&self) -> Health {
        *self.health.read()
    }

    /// Waits until the shutdown has begun and all calls have ended.
    pub async fn ended(&self) {
        self.in_flight.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn a_shutdown_waits_for_the_calls_that_began_before_it() {
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

    /// A shutdown must not refuse a call that is already counted.
    #[test]
    fn a_counted_call_is_not_refused() {
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
