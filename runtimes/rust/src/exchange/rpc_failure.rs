//! JSON-RPC errors that are safe to send.

use std::borrow::Cow;

use mcp_conformance_catalog::Refused;
use rmcp::{ErrorData, model::ErrorCode};
use serde_json::json;

use crate::{
    failure::{self, Category},
    json_rpc::{ErrorObject, code},
};

/// Creates an error with the data that ERROR-5 requires.
pub fn rpc_failure(
    category: Category,
    rpc_code: i32,
    stable_code: &'static str,
    message: impl Into<Cow<'static, str>>,
) -> ErrorData {
    let data = failure::ErrorData::new(category, stable_code).into_value();
    ErrorData::new(ErrorCode(rpc_code), message, Some(data))
}

/// Creates the error for a request with invalid params (JSONRPC-9).
pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> ErrorData {
    rpc_failure(
        Category::InvalidArgument,
        code::INVALID_PARAMS,
        "invalid_params",
        message,
    )
}

/// Creates the error for a request with an unsupported method (JSONRPC-8).
pub fn method_not_found() -> ErrorData {
    rpc_failure(
        Category::Unsupported,
        code::METHOD_NOT_FOUND,
        "method_not_found",
        "Method not found",
    )
}

/// Converts a refusal of the catalog.
pub fn catalog_failure(refused: Refused) -> ErrorData {
    match refused {
        Refused::InvalidParams(message) => invalid_params(message),
        Refused::NoSuchResource(uri) => {
            let data = failure::ErrorData::new(Category::NotFound, "resource_not_found")
                .detail("uri", json!(uri))
                .into_value();
            let code = ErrorCode(code::INVALID_PARAMS);
            ErrorData::new(code, "uri: no such resource", Some(data))
        }
        Refused::MissingCapabilities(missing) => {
            let data = failure::ErrorData::new(Category::FailedPrecondition, "capability_missing")
                .detail("requiredCapabilities", json!(missing))
                .into_value();
            let message = "The request does not declare a required capability";
            ErrorData::new(ErrorCode(code::MISSING_CAPABILITY), message, Some(data))
        }
    }
}

/// Makes an error safe to send (ERROR-3). It returns the runtime's own errors unchanged, and replaces any other error
/// with a fixed error that has the same code.
pub fn shield(error: ErrorData) -> ErrorData {
    let is_ours = error
        .data
        .as_ref()
        .is_some_and(|data| data.get("traceId").is_some());
    match error.code.0 {
        _ if is_ours => error,
        code::METHOD_NOT_FOUND => method_not_found(),
        code::INVALID_PARAMS => invalid_params("Invalid params"),
        _ => rpc_failure(
            Category::Internal,
            code::INTERNAL_ERROR,
            "internal_error",
            "Internal error",
        ),
    }
}

/// Converts an error to the `error` member of a response.
pub fn object_of(error: &ErrorData) -> ErrorObject<'_> {
    ErrorObject {
        code: error.code.0,
        message: &error.message,
        data: error.data.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_messages_are_sent() {
        let ours = shield(invalid_params("name: no such tool"));
        assert_eq!(ours.message, "name: no such tool");
        let internal = ErrorData::internal_error("at /src/main.rs:7", None);
        assert_eq!(shield(internal).message, "Internal error");
        let unknown = ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "a/b", None);
        assert_eq!(shield(unknown).message, "Method not found");
        let mismatch = ErrorData::invalid_params("missing field", None);
        assert_eq!(shield(mismatch).code.0, code::INVALID_PARAMS);
    }
}
