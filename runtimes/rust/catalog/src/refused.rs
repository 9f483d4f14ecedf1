//! The errors of requests that the catalog refuses.

use std::borrow::Cow;

use rmcp::{
    ErrorData,
    model::{ErrorCode, JsonObject},
};
use serde_json::json;

use crate::ToolFailure;

/// A request that the catalog refuses. It has no internal details, so its message is safe to send.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// The params do not fit the method.
    InvalidParams(Cow<'static, str>),
    /// The resource with this URI does not exist.
    NoSuchResource(String),
    /// The request does not declare these capabilities.
    MissingCapabilities(JsonObject),
}

impl Refused {
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidParams(message.into())
    }
}

impl From<ToolFailure> for Refused {
    fn from(failure: ToolFailure) -> Self {
        Self::invalid(failure.to_string())
    }
}

impl From<Refused> for ErrorData {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::InvalidParams(message) => Self::invalid_params(message, None),
            Refused::NoSuchResource(uri) => {
                Self::invalid_params("uri: no such resource", Some(json!({ "uri": uri })))
            }
            Refused::MissingCapabilities(missing) => Self::new(
                ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
                "The request does not declare a required capability",
                Some(json!({ "requiredCapabilities": missing })),
            ),
        }
    }
}
