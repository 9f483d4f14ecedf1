//! MCP over HTTP. The service checks each call in a fixed order, then handles the call in its session, or gives it to
//! the service for the revisions without sessions.

mod checks;
mod handshake;
mod streams;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use mcp_conformance_catalog::Catalog;
pub use streams::StreamAnswer;

use crate::{
    exchange::{Collected, Outcome, RequestGuard, ResponsePath},
    failure::{CallRefused, Category, ErrorData, Refusal, RequestRefused},
    http::{Answer, Call},
    identity::AnonymousPolicy,
    json_rpc::{ErrorObject, Incoming, RequestMessage, code, error_response},
    large_bodies::LargeBodies,
    limits::Limits,
    mcp::AllSubscriptions,
    modern::ModernService,
    session::{Session, SessionStore},
};
use checks::{Admitted, Post};

/// The MCP endpoint of a runtime.
pub struct McpService {
    pub limits: Limits,
    pub anonymous: AnonymousPolicy,
    pub catalog: Arc<Catalog>,
    pub version: &'static str,
    pub sessions: Arc<SessionStore>,
    pub subscriptions: Arc<AllSubscriptions>,
    pub modern: ModernService,
    pub large_bodies: LargeBodies,
}

impl McpService {
    /// Handles a POST request that `Invoke` carries.
    pub async fn invoke(&self, call: Call) -> Result<Answer, Refusal> {
        match self.admit_post(call).await? {
            Post::Modern(call) => self.modern.invoke(call).await.map_err(Refusal::in_modern_form),
            Post::Legacy(call, Incoming::Request(request)) => self
                .answer(&call, &request)
                .await
                .map_err(|refusal| refusal.answering(&request.id)),
            Post::Legacy(call, message) => Ok(Answer::empty(self.deliver(&call, message).await?)),
        }
    }

    /// Handles a DELETE request.
    pub fn close_session(&self, call: Call) -> Result<Answer, RequestRefused> {
        let call = Admitted::without_body(call)?;
        let session = self.session_of(&call)?;
        self.sessions.end(&session);
        Ok(Answer::empty(204))
    }

    /// Delivers a notification or a response. Returns the status of the answer.
    async fn deliver(&self, call: &Admitted, message: Incoming) -> Result<u16, RequestRefused> {
        self.session_of(call)?.connection.deliver(message).await;
        Ok(202)
    }

    async fn answer(&self, call: &Admitted, request: &RequestMessage) -> Result<Answer, Refusal> {
        if call.is_handshake(request) {
            return Ok(self.handshake(call, request).await?.into_answer());
        }
        let session = self.session_for(call, request)?;
        let (path, collected) = ResponsePath::collected(self.limits.collected_bytes);
        let guard = begin(&session, call, request, path);
        let Collected { messages, outcome } = collected.await.unwrap_or(Collected {
            messages: Vec::new(),
            outcome: Outcome::Closed,
        });
        let response = response_of(request, outcome)?;
        guard.release();
        if messages.is_empty() {
            return Ok(Answer::json(200, response));
        }
        let events = session.streams.record(messages.iter().chain([&response]));
        Ok(Answer::events(events))
    }
}

/// Begins a request in its session.
fn begin(session: &Session, call: &Admitted, request: &RequestMessage, path: ResponsePath) -> RequestGuard {
    session.connection.begin(request, call.scope(&session.id), path)
}

/// Returns the response to a request that has ended.
fn response_of(request: &RequestMessage, outcome: Outcome) -> Result<String, Refusal> {
    match outcome {
        Outcome::Response(response) => Ok(response),
        Outcome::Cancelled => {
            let data = ErrorData::new(Category::FailedPrecondition, "request_cancelled");
            let error = ErrorObject {
                code: code::REQUEST_CANCELLED,
                message: "The request was cancelled",
                data: Some(data.into_value()),
            };
            Ok(error_response(Some(&request.id), &error))
        }
        Outcome::Closed => {
            let refused = RequestRefused::new(Category::NotFound, "session_closed", "The session was closed");
            Err(refused.rpc_code(code::SESSION_NOT_FOUND).into())
        }
        Outcome::TooLarge => {
            let message = "The messages of the request exceed the size limit of one answer";
            Err(CallRefused::new(Category::RateLimited, message).into())
        }
    }
}
