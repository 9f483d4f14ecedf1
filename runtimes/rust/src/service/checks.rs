//! The checks of a call, in a fixed order.

use std::sync::Arc;

use mcp_conformance_catalog::{CallScope, Era};

use super::McpService;
use crate::{
    exchange::scope_of,
    failure::{Category, RequestRefused},
    http::Call,
    identity::{AnonymousPolicy, Caller, identify},
    json_rpc::{Incoming, Malformed, RequestMessage, code, parse},
    modern::{ModernCall, era_of, names_modern_revision},
    session::Session,
};

/// A call to the endpoint with its caller.
pub struct Admitted {
    pub call: Call,
    pub caller: Caller,
}

impl Admitted {
    fn new(call: Call) -> Result<Self, RequestRefused> {
        if !call.is_for_endpoint() {
            let message = "path: is not the MCP endpoint";
            return Err(RequestRefused::new(Category::NotFound, "no_such_path", message));
        }
        let caller = identify(call.auth_context.as_ref())?;
        Ok(Self { call, caller })
    }

    /// Checks a GET or DELETE.
    pub fn without_body(call: Call) -> Result<Self, RequestRefused> {
        let admitted = Self::new(call)?;
        admitted.call.headers.check_protocol_version()?;
        Ok(admitted)
    }

    /// Returns whether a request is the handshake that opens a session (INIT-1, SESSION-1).
    pub fn is_handshake(&self, request: &RequestMessage) -> bool {
        request.method == "initialize" && self.call.session_id.is_empty()
    }

    /// Returns the scope that tools of a session see.
    pub fn scope(&self, session_id: &str) -> CallScope {
        scope_of(&self.caller, &self.call.server_id, session_id)
    }
}

/// A POST that the runtime serves.
pub enum Post {
    Legacy(Admitted, Incoming),
    Modern(ModernCall),
}

impl McpService {
    /// Checks a POST, except for its session, and parses its message. The message decides which era serves it.
    pub(super) async fn admit_post(&self, call: Call) -> Result<Post, RequestRefused> {
        let is_modern = names_modern_revision(&call.headers);
        self.checked_post(call).await.map_err(|refused| {
            if is_modern {
                refused.in_modern_form()
            } else {
                refused
            }
        })
    }

    async fn checked_post(&self, call: Call) -> Result<Post, RequestRefused> {
        let admitted = Admitted::new(call)?;
        self.check_before_body(&admitted)?;
        let Call { body, headers, .. } = &admitted.call;
        let max = self.limits.max_body_bytes;
        if body.len() > max {
            let message = format!("The body has more than {max} bytes");
            let refused = RequestRefused::invalid("body_too_large", message);
            return Err(refused.status(413));
        }
        let message = self.parsed(body, &admitted.caller).await?;
        if era_of(&message, headers) == Era::Modern {
            let Admitted { call, caller } = admitted;
            self.check_anonymous(&caller)?;
            return Ok(Post::Modern(ModernCall {
                call,
                caller,
                message,
            }));
        }
        headers.check_protocol_version().map_err(|refused| {
            refused.answering(match &message {
                Incoming::Request(request) => Some(&request.id),
                _ => None,
            })
        })?;
        Ok(Post::Legacy(admitted, message))
    }

    /// Parses a body. Callers with large bodies take turns (LIMIT-5).
    async fn parsed(&self, body: &[u8], caller: &Caller) -> Result<Incoming, Malformed> {
        let owner = caller.owner().unwrap_or_default();
        let _turn = self.large_bodies.turn(body.len(), owner).await;
        parse(body)
    }

    /// Makes the checks that do not depend on the body, before the body is parsed (RPC-23). A request of a revision
    /// without sessions may name any session.
    fn check_before_body(&self, admitted: &Admitted) -> Result<(), RequestRefused> {
        let call = &admitted.call;
        if names_modern_revision(&call.headers) {
            Ok(())
        } else if call.session_id.is_empty() {
            self.check_anonymous(&admitted.caller)
        } else {
            self.session_of(admitted).map(|_| ())
        }
    }

    /// Refuses an anonymous caller if the policy requires it (AUTH-6). It applies to every request without a session.
    pub(super) fn check_anonymous(&self, caller: &Caller) -> Result<(), RequestRefused> {
        if *caller != Caller::Anonymous || self.anonymous != AnonymousPolicy::Refuse {
            return Ok(());
        }
        let message = "auth_context: anonymous callers are refused";
        Err(RequestRefused::new(
            Category::Unauthenticated,
            "identity_required",
            message,
        ))
    }

    /// Returns the session of a call, if the caller may use it.
    pub(super) fn session_of(&self, admitted: &Admitted) -> Result<Arc<Session>, RequestRefused> {
        let call = &admitted.call;
        if call.session_id.is_empty() {
            let message = "session_id: is required for every request except initialize";
            return Err(RequestRefused::invalid("session_required", message));
        }
        let session = self.sessions.find(&call.session_id)?;
        session.admit(&admitted.caller, &call.server_id)?;
        Ok(session)
    }

    /// Returns the session for a request. Refuses a second handshake, and a request above the in-flight limit.
    pub(super) fn session_for(
        &self,
        call: &Admitted,
        request: &RequestMessage,
    ) -> Result<Arc<Session>, RequestRefused> {
        let session = self.session_of(call)?;
        if request.method == "initialize" {
            let message = "The session is already initialized";
            let refused = RequestRefused::invalid("already_initialized", message);
            return Err(refused.rpc_code(code::INVALID_REQUEST));
        }
        if session.connection.in_flight() >= self.limits.max_requests_per_session {
            return Err(RequestRefused::new(
                Category::RateLimited,
                "too_many_requests",
                "The session has too many requests in flight",
            ));
        }
        Ok(session)
    }
}
