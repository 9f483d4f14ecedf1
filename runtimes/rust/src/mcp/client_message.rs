//! Converts the caller's messages to the SDK's types.
#![allow(deprecated, reason = "the supported revisions have logging")]

use rmcp::{
    ErrorData,
    model::{
        CallToolRequest, ClientJsonRpcMessage, ClientNotification, ClientRequest, ClientResult,
        CompleteRequest, GetPromptRequest, InitializeRequest, ListPromptsRequest,
        ListResourceTemplatesRequest, ListResourcesRequest, ListToolsRequest, PingRequest,
        ReadResourceRequest, RequestId, SetLevelRequest, SubscribeRequest, UnsubscribeRequest,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{json, value::RawValue};

use crate::json_rpc::{MessageId, NotificationMessage, RequestMessage, ResponseMessage, member, read};

/// The error for params that are invalid for their method (JSONRPC-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamsMismatch;

/// Converts a request to the SDK's type for its method. Returns `None` if the method does not exist (JSONRPC-8). The
/// exchange of the request, not the returned value, keeps the progress token from `_meta`.
///
/// # Errors
/// Returns an error if the params are invalid for the method.
pub fn client_request(request: &RequestMessage) -> Option<Result<ClientRequest, ParamsMismatch>> {
    let params = Params(request.params.as_deref());
    let read = match request.method.as_str() {
        "initialize" => params.required(|p| InitializeRequest::new(p).into()),
        "ping" => Ok(PingRequest::default().into()),
        "tools/list" => params.optional(ListToolsRequest::with_param),
        "tools/call" => params.required(|p| CallToolRequest::new(p).into()),
        "resources/list" => params.optional(ListResourcesRequest::with_param),
        "resources/templates/list" => params.optional(ListResourceTemplatesRequest::with_param),
        "resources/read" => params.required(|p| ReadResourceRequest::new(p).into()),
        "resources/subscribe" => params.required(|p| SubscribeRequest::new(p).into()),
        "resources/unsubscribe" => params.required(|p| UnsubscribeRequest::new(p).into()),
        "prompts/list" => params.optional(ListPromptsRequest::with_param),
        "prompts/get" => params.prompt(),
        "logging/setLevel" => params.required(|p| SetLevelRequest::new(p).into()),
        "completion/complete" => params.required(|p| CompleteRequest::new(p).into()),
        _ => return None,
    };
    Some(params.check().and(read))
}

/// The unparsed params of a request.
#[derive(Clone, Copy)]
struct Params<'a>(Option<&'a RawValue>);

impl Params<'_> {
    /// Checks that the params and `_meta` are objects, and that the progress token is a string or a number.
    fn check(self) -> Result<(), ParamsMismatch> {
        let Some(params) = self.0 else {
            return Ok(());
        };
        let meta = member(params, "_meta");
        let token = meta.and_then(|meta| member(meta, "progressToken"));
        let fits = is_object(params)
            && meta.is_none_or(is_object)
            && token.is_none_or(|token| MessageId::from_token(token).is_some());
        if fits { Ok(()) } else { Err(ParamsMismatch) }
    }

    fn required<P: DeserializeOwned>(
        self,
        make: impl FnOnce(P) -> ClientRequest,
    ) -> Result<ClientRequest, ParamsMismatch> {
        let params = self.0.filter(|params| is_object(params)).ok_or(ParamsMismatch)?;
        read(params).map(make).ok_or(ParamsMismatch)
    }

    fn optional<P, R>(self, make: impl FnOnce(P) -> R) -> Result<ClientRequest, ParamsMismatch>
    where
        P: DeserializeOwned,
        R: Default + Into<ClientRequest>,
    {
        match self.0 {
            None => Ok(R::default().into()),
            Some(_) => self.required(|params| make(params).into()),
        }
    }

    /// Checks that all arguments of a prompt are strings. The SDK accepts any JSON, but MCP allows only strings.
    fn prompt(self) -> Result<ClientRequest, ParamsMismatch> {
        let request = self.required(|params| GetPromptRequest::new(params).into())?;
        match &request {
            ClientRequest::GetPromptRequest(get)
                if get
                    .params
                    .arguments
                    .iter()
                    .flatten()
                    .any(|(_, value)| !value.is_string()) =>
            {
                Err(ParamsMismatch)
            }
            _ => Ok(request),
        }
    }
}

/// Converts a notification to the SDK's type. Returns `None` if the SDK does not know the notification.
pub fn client_notification(notification: &NotificationMessage) -> Option<ClientJsonRpcMessage> {
    let message = json!({ "method": notification.method, "params": notification.params });
    let notification: ClientNotification = serde_json::from_value(message).ok()?;
    Some(ClientJsonRpcMessage::notification(notification))
}

/// Converts a response to the SDK's type. Returns `None` if the SDK cannot have issued the id.
pub fn client_response(response: &ResponseMessage) -> Option<ClientJsonRpcMessage> {
    let token = response.id.token().get();
    let id = match token.parse() {
        Ok(number) => RequestId::Number(number),
        Err(_) if token.starts_with('"') => RequestId::String(response.id.text().into()),
        Err(_) => return None,
    };
    let result = match &response.outcome {
        Ok(result) => read::<ClientResult>(result).ok_or_else(unreadable),
        Err(error) => Err(read::<ErrorData>(error).unwrap_or_else(unreadable)),
    };
    Some(match result {
        Ok(result) => ClientJsonRpcMessage::response(result, id),
        Err(error) => ClientJsonRpcMessage::error(error, Some(id)),
    })
}

fn unreadable() -> ErrorData {
    ErrorData::internal_error("unreadable", None)
}

fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_rpc::{Incoming, parse};

    fn request(method: &str, params: &str) -> Option<Result<ClientRequest, ParamsMismatch>> {
        let params = if params.is_empty() {
            String::new()
        } else {
            format!(r#","params":{params}"#)
        };
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"{params}}}"#);
        let Ok(Incoming::Request(request)) = parse(body.as_bytes()) else {
            panic!("not a request: {body}");
        };
        client_request(&request)
    }

    #[test]
    fn only_mcp_methods_are_known() {
        assert!(request("no/such", "[]").is_none());
        for method in ["ping", "tools/list", "resources/list", "prompts/list"] {
            assert!(request(method, "").unwrap().is_ok(), "{method}");
            assert!(request(method, "{}").unwrap().is_ok(), "{method}");
            assert!(request(method, "[]").unwrap().is_err(), "{method}");
        }
    }

    #[test]
    fn params_are_checked_for_their_method() {
        for (method, params, is_valid) in [
            ("tools/call", r#"{"name":"a"}"#, true),
            ("tools/call", r#"{"name":"a","arguments":{"b":1}}"#, true),
            ("tools/call", "", false),
            ("tools/call", r#"{"name":7}"#, false),
            ("tools/call", r#"{"name":7,"n\u0061me":"a"}"#, true),
            ("tools/call", r#"{"name":"a","name":7}"#, false),
            ("tools/call", r#"["a"]"#, false),
            ("tools/call", r#"{"name":"a","arguments":[]}"#, false),
            ("tools/list", r#"{"cursor":7}"#, false),
            ("prompts/get", r#"{"name":"a","arguments":{"b":"c"}}"#, true),
            ("prompts/get", r#"{"name":"a","arguments":{"b":1}}"#, false),
            ("logging/setLevel", r#"{"level":"warning"}"#, true),
            ("logging/setLevel", r#"{"level":"loud"}"#, false),
            ("ping", r#"{"_meta":5}"#, false),
            ("ping", r#"{"_meta":{"progressToken":1.5}}"#, true),
            ("ping", r#"{"_meta":{"progressToken":{}}}"#, false),
            ("initialize", r#"{"protocolVersion":"2025-11-25"}"#, false),
            (
                "initialize",
                r#"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}}"#,
                true,
            ),
        ] {
            assert_eq!(
                request(method, params).unwrap().is_ok(),
                is_valid,
                "{method} {params}"
            );
        }
    }
}
