//! The way from a tool to its caller.

use std::sync::Arc;

use mcp_conformance_catalog::{CallerToken, Channel, LogTarget};
use rmcp::{
    RoleServer,
    model::{Extensions, NumberOrString, ProgressToken},
    service::ServiceError,
};

use super::{
    exchanges::Exchange,
    transport::{NoOpenStream, Route, SessionTransport},
};
use crate::json_rpc::MessageId;

/// Routes the messages of a tool to the exchange of its call.
pub struct ExchangeChannel(pub Arc<Exchange>);

impl ExchangeChannel {
    /// Returns the progress token of the call.
    pub fn progress_token(&self) -> Option<CallerToken> {
        let caller = MessageId::from_token(self.0.progress_token.as_deref()?)?;
        Some(CallerToken {
            // The transport replaces this token with the caller's, because the SDK cannot represent every token.
            token: ProgressToken(NumberOrString::Number(self.0.number)),
            text: caller.text(),
        })
    }
}

impl Channel for ExchangeChannel {
    fn route(&self, target: LogTarget, message: &mut Extensions) {
        message.insert(match target {
            LogTarget::Request => Route::Request(self.0.clone()),
            LogTarget::Live => Route::Live,
        });
    }

    fn suspend(&self, retry_ms: u32) {
        self.0.path.suspend(retry_ms);
    }

    fn has_no_stream(&self, error: &ServiceError) -> bool {
        matches!(error, ServiceError::TransportSend(error)
            if error.is::<SessionTransport, RoleServer>() && error.error.is::<NoOpenStream>())
    }
}
