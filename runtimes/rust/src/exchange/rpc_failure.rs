//! JSON-RPC errors that are safe to send.

use rmcp::{ErrorData, model::ErrorCode};

use crate::{
    failure::{self, Category},
    json_rpc::{ErrorObject, code},
};

/// An error that this runtime raises, with the data of ERROR-5.
pub fn rpc_failure(
    category: Category,
    rpc_code: i32,
    stable_code: &'static str,
    message: &'static str,
) -> ErrorData {
    let data = failure::ErrorData::new(category, stable_code).into_value();
    ErrorData::new(ErrorCode(rpc_code), message, Some(data))
}

/// The params of a request do not fit its method (JSONRPC-9).
pub fn invalid_params(message: &'static str) -> ErrorData {
    rpc_failure(
        Category::InvalidArgument,
        code::INVALID_PARAMS,
        "invalid_params",
        message,
    )
}

/// The method of a request does not exist here (JSONRPC-8).
pub fn method_not_found() -> ErrorData {
    rpc_failure(
        Category::Unsupported,
        code::METHOD_NOT_FOUND,
        "method_not_found",
        "Method not found",
    )
}

/// Makes an error safe to send. Errors that this runtime raised stay; the text of any other error is replaced by the
/// meaning of its code (ERROR-3).
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

/// An error as the member of a response.
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
        let inside = ErrorData::internal_error("at /src/main.rs:7", None);
        assert_eq!(shield(inside).message, "Internal error");
        let unknown = ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "a/b", None);
        assert_eq!(shield(unknown).message, "Method not found");
        let misfit = ErrorData::invalid_params("missing field", None);
        assert_eq!(shield(misfit).code.0, code::INVALID_PARAMS);
    }
}
