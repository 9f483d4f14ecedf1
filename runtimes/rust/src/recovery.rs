//! Limits the effect of a panic to the request or call in which it happens. The panic hook of the process logs it.

use std::{borrow::Cow, panic::AssertUnwindSafe};

use futures_util::{FutureExt, TryFutureExt};
use rmcp::{
    ErrorData, RoleServer, ServerHandler, Service,
    model::{ClientNotification, ClientRequest, ProtocolVersion, ServerConfig, ServerResult},
    service::{MaybeSendFuture, NotificationContext, RequestContext},
};

use crate::failure::{CallRefused, Category};

/// The error returned if work panicked.
#[derive(Debug, PartialEq, Eq)]
pub struct Panicked;

impl From<Panicked> for CallRefused {
    fn from(_: Panicked) -> Self {
        Self::new(Category::Internal, "Internal error")
    }
}

/// Carries out work that may panic.
///
/// # Errors
/// Returns an error if the work panics. The values that it holds are dropped first.
pub fn recovered<T>(work: impl Future<Output = T>) -> impl Future<Output = Result<T, Panicked>> {
    // An async function would double the size of the work.
    AssertUnwindSafe(work).catch_unwind().map_err(|_| Panicked)
}

/// A handler that answers a request with an internal error if it panics. The SDK and the tasks of this crate would
/// lose the answer.
#[derive(Clone)]
pub struct Recovering<Handler>(pub Handler);

impl<Handler: ServerHandler> Service<RoleServer> for Recovering<Handler> {
    fn handle_request(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<ServerResult, ErrorData>> + MaybeSendFuture + '_ {
        recovered(self.0.handle_request(request, context))
            .unwrap_or_else(|Panicked| Err(ErrorData::internal_error("the request panicked", None)))
    }

    fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> impl Future<Output = Result<(), ErrorData>> + MaybeSendFuture + '_ {
        self.0.handle_notification(notification, context)
    }

    fn get_info(&self) -> ServerConfig {
        ServerHandler::get_info(&self.0)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        ServerHandler::supported_protocol_versions(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::{sync::Semaphore, task::yield_now};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_releases_what_the_work_holds() {
        assert_eq!(recovered(async { 7 }).await, Ok(7));
        for waits in [false, true] {
            let slots = Arc::new(Semaphore::new(1));
            let slot = slots.clone().acquire_owned().await.unwrap();
            let work = async move {
                let _slot = slot;
                if waits {
                    yield_now().await;
                }
                panic!("a secret");
            };
            assert_eq!(recovered::<()>(work).await, Err(Panicked));
            assert_eq!(slots.available_permits(), 1);
        }
        let refused = CallRefused::from(Panicked);
        assert_eq!(
            (refused.category, refused.message.as_str()),
            (Category::Internal, "Internal error")
        );
    }
}
