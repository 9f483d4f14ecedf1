//! Keeps the work for large bodies away from all other calls.

use std::{future::Future, io, panic::resume_unwind, thread::available_parallelism};

use rustix::process::{getpriority_process, setpriority_process};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::{context::TokioContext, task::AbortOnDropHandle};

use crate::turns::{Turn, Turns};

/// The size above which a body is large. The work for smaller ones takes a millisecond at most.
const MAX_SMALL_BYTES: usize = 64 * 1024;

/// The priority of the threads for large bodies, as a `nice` value. The threads use idle processors fully, and give way to
/// the threads that serve all other calls.
const NICE: i32 = 10;

/// The size of a stack. Deeply nested messages need a large stack.
pub const STACK_BYTES: usize = 4 * 1024 * 1024;

/// Carries out calls with large bodies on threads of their own. An expensive message then never occupies a thread that
/// other calls need (LIMIT-5). One processor stays free of large bodies.
pub struct LargeBodies {
    threads: Option<Runtime>,
    turns: Turns,
}

impl LargeBodies {
    /// Starts the threads.
    ///
    /// # Errors
    /// Fails if the operating system cannot start a thread.
    pub fn start() -> io::Result<Self> {
        let processors = available_parallelism().map_or(1, usize::from);
        let count = (processors - 1).max(1);
        let threads = Builder::new_multi_thread()
            .worker_threads(count)
            .thread_name("large-bodies")
            .thread_stack_size(STACK_BYTES)
            .on_thread_start(|| {
                // On Linux, this is the priority of the calling thread. If it cannot change, other calls are only slower.
                if getpriority_process(None).is_ok_and(|current| current < NICE) {
                    let _ = setpriority_process(None, NICE);
                }
            })
            .build()?;
        Ok(Self {
            threads: Some(threads),
            turns: Turns::new(count),
        })
    }

    /// Carries out a call, on the threads for large bodies if its body is large. Tasks and timers of the call belong to
    /// the current runtime. Dropping the returned future drops the call.
    ///
    /// # Panics
    /// Panics if the call does.
    pub async fn carry_out<T: Send + 'static>(
        &self,
        body_bytes: usize,
        call: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let Some(threads) = self.threads.as_ref().filter(|_| is_large(body_bytes)) else {
            return call.await;
        };
        let call = TokioContext::new(call, Handle::current());
        AbortOnDropHandle::new(threads.spawn(call))
            .await
            .unwrap_or_else(|failed| resume_unwind(failed.into_panic()))
    }

    /// Waits until it is the caller's turn to use a thread for a body. Returns `None` at once for a small body.
    pub async fn turn(&self, body_bytes: usize, caller: &str) -> Option<Turn> {
        if is_large(body_bytes) {
            Some(self.turns.begin(caller).await)
        } else {
            None
        }
    }
}

fn is_large(body_bytes: usize) -> bool {
    body_bytes > MAX_SMALL_BYTES
}

impl Drop for LargeBodies {
    /// Does not wait for the threads, because asynchronous code must not block.
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, thread, time::Duration};

    use tokio::{sync::oneshot, time::sleep};

    use super::*;

    async fn thread_name() -> Option<String> {
        // The timer and the task belong to the runtime of the test.
        sleep(Duration::from_millis(1)).await;
        tokio::spawn(async {}).await.unwrap();
        thread::current().name().map(str::to_owned)
    }

    #[tokio::test]
    async fn only_calls_with_large_bodies_leave_the_thread() {
        let bodies = LargeBodies::start().unwrap();
        let here = thread::current().name().map(str::to_owned);
        assert_eq!(bodies.carry_out(MAX_SMALL_BYTES, thread_name()).await, here);
        let large = bodies.carry_out(MAX_SMALL_BYTES + 1, thread_name()).await;
        assert_eq!(large.as_deref(), Some("large-bodies"));
    }

    #[tokio::test]
    async fn large_bodies_have_a_low_priority() {
        let bodies = LargeBodies::start().unwrap();
        let before = getpriority_process(None).unwrap();
        let priority = async { getpriority_process(None).unwrap() };
        let large = bodies.carry_out(MAX_SMALL_BYTES + 1, priority).await;
        assert_eq!(large, before.max(NICE));
        assert_eq!(getpriority_process(None).unwrap(), before);
    }

    #[tokio::test]
    async fn a_dropped_call_ends() {
        let bodies = LargeBodies::start().unwrap();
        let (held, ended) = oneshot::channel::<()>();
        let (start, started) = oneshot::channel();
        let call = async move {
            let _held = held;
            start.send(()).unwrap();
            pending::<()>().await;
        };
        tokio::select! {
            () = bodies.carry_out(MAX_SMALL_BYTES + 1, call) => unreachable!(),
            started = started => started.unwrap(),
        }
        assert!(ended.await.is_err());
    }
}
