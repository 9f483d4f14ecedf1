//! The identity of a caller. The runtime trusts the gateway to authenticate callers, and binds sessions to them
//! (AUTH-1).

mod claims;
#[cfg(test)]
mod fuzz;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_conformance_catalog::Claims;

use crate::{
    failure::{Category, RequestRefused},
    proto::McpAuthContext,
};

/// The caller of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    Known { email: String, claims: Claims },
    Anonymous,
}

impl Caller {
    /// Returns the claims of the caller. An anonymous caller has no claims, regardless of its auth context (AUTH-7).
    pub fn claims(&self) -> Claims {
        match self {
            Self::Known { claims, .. } => claims.clone(),
            Self::Anonymous => Claims::default(),
        }
    }

    /// Returns the owner of the caller's sessions (AUTH-2).
    pub fn owner(&self) -> Option<&str> {
        match self {
            Self::Known { email, .. } => Some(email),
            Self::Anonymous => None,
        }
    }

    /// Creates a caller from its claims. A caller without authentication (AUTH-7) or email is anonymous.
    fn of(claims: Claims) -> Self {
        match &claims.email {
            Some(email) if claims.is_authenticated && !email.is_empty() => Self::Known {
                email: email.clone(),
                claims,
            },
            _ => Self::Anonymous,
        }
    }
}

/// How the runtime treats anonymous callers (AUTH-6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnonymousPolicy {
    /// Anonymous callers get sessions that only anonymous callers may use.
    #[default]
    Isolate,
    /// The runtime refuses `initialize` from anonymous callers.
    Refuse,
}

/// Returns the caller of an auth context.
///
/// # Errors
/// Fails with 401 if the auth context has expired (AUTH-5) or cannot be decoded (AUTH-4).
pub fn identify(context: Option<&McpAuthContext>) -> Result<Caller, RequestRefused> {
    let Some(context) = context else {
        return Ok(Caller::Anonymous);
    };
    if has_expired(context.expires_at_epoch_ms) {
        return Err(unauthenticated(
            "auth_context_expired",
            "auth_context: has expired",
        ));
    }
    let claims = claims::decode(&context.encoded)
        .map_err(|error| unauthenticated("auth_context_unreadable", format!("auth_context: {error}")))?;
    Ok(Caller::of(claims))
}

fn unauthenticated(code: &'static str, message: impl Into<String>) -> RequestRefused {
    RequestRefused::new(Category::Unauthenticated, code, message)
}

/// Returns whether an expiry time has passed. 0 means that there is no expiry.
fn has_expired(epoch_ms: u64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    epoch_ms != 0 && Duration::from_millis(epoch_ms) < now
}

/// Returns the expiry of an auth context in milliseconds since the epoch, or 0.
pub fn expiry_of(context: Option<&McpAuthContext>) -> u64 {
    context.map_or(0, |context| context.expires_at_epoch_ms)
}

/// Waits until credentials expire. 0 means that they do not expire.
pub async fn expired(epoch_ms: u64) {
    if epoch_ms == 0 {
        return std::future::pending().await;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(epoch_ms).saturating_sub(now)).await;
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;

    fn context(json: &str, expires_at_epoch_ms: u64) -> McpAuthContext {
        McpAuthContext {
            encoded: BASE64_URL_SAFE_NO_PAD.encode(json),
            expires_at_epoch_ms,
        }
    }

    #[test]
    fn only_an_authenticated_caller_with_an_email_has_an_identity() {
        let owner = |json| {
            identify(Some(&context(json, 0)))
                .unwrap()
                .owner()
                .map(str::to_owned)
        };
        assert_eq!(
            owner(r#"{"email":"a@b.c","is_authenticated":true}"#).as_deref(),
            Some("a@b.c")
        );
        assert_eq!(
            owner(r#"{"email":"a@b.c","is_authenticated":false,"is_admin":true}"#),
            None
        );
        assert_eq!(owner(r#"{"email":"","is_authenticated":true}"#), None);
        assert_eq!(owner(r#"{"is_authenticated":true}"#), None);
        assert_eq!(identify(None).unwrap(), Caller::Anonymous);
    }

    #[test]
    fn an_auth_context_expires_unless_its_expiry_is_zero() {
        let status = |at| {
            identify(Some(&context("{}", at)))
                .err()
                .map(|refused| refused.http_status())
        };
        assert_eq!(status(1), Some(401));
        assert_eq!(status(0), None);
        assert_eq!(status(u64::MAX), None);
    }
}
