//! Converts a request to the SDK's type.

use std::collections::HashMap;

use mcp_conformance_catalog::{Catalog, Era};
use rmcp::{
    ErrorData,
    model::{
        ClientJsonRpcMessage, ClientRequest, DiscoverRequest, GetMeta, ProtocolVersion, RequestMetaObject,
    },
};
use serde_json::{Value, value::RawValue};

use super::{envelope::Envelope, exchange::SDK_TOKEN, header_value::check_params};
use crate::{
    exchange::rpc_failure::{invalid_params, method_not_found},
    failure::RequestRefused,
    http::Headers,
    json_rpc::{RequestMessage, member, members, read},
    mcp::client_request,
};

/// The methods that may ask the caller for input.
const ROUNDS: &[&str] = &["tools/call", "prompts/get", "resources/read"];

/// Converts a request to the SDK's type for its method.
///
/// # Errors
/// Returns an error if the catalog does not serve the method, or if the params are invalid for it.
pub fn sdk_request(
    catalog: &Catalog,
    request: &RequestMessage,
    envelope: &Envelope,
) -> Result<Box<ClientJsonRpcMessage>, ErrorData> {
    let params = request.params.as_deref();
    if !catalog.serves(Era::Modern, &request.method) {
        return Err(method_not_found());
    }
    let mut typed: ClientRequest = match request.method.as_str() {
        "server/discover" => DiscoverRequest::default().into(),
        _ => client_request(request)
            .ok_or_else(method_not_found)?
            .map_err(|_| invalid_params("The params are invalid for the method"))?,
    };
    if ROUNDS.contains(&request.method.as_str()) {
        check_retry(params)?;
    }
    let mut meta = RequestMetaObject::new();
    meta.set_protocol_version(ProtocolVersion::V_2026_07_28);
    meta.set_client_capabilities(envelope.capabilities.clone());
    *typed.get_meta_mut() = meta;
    Ok(Box::new(ClientJsonRpcMessage::request(typed, SDK_TOKEN)))
}

/// Checks the members of a repeated request. The SDK would treat null as absent.
fn check_retry(params: Option<&RawValue>) -> Result<(), ErrorData> {
    let retry = params.and_then(|params| members(params, ["inputResponses", "requestState"]));
    let [answers, state] = retry.unwrap_or_default();
    let is_object_of_objects = |answers: &RawValue| {
        let answers = serde_json::from_str::<HashMap<String, &RawValue>>(answers.get());
        answers.is_ok_and(|answers| answers.values().all(|answer| answer.get().starts_with('{')))
    };
    if !answers.is_none_or(is_object_of_objects) {
        return Err(invalid_params("inputResponses: is not an object of objects"));
    }
    if state.is_some_and(|state| !state.get().starts_with('"')) {
        return Err(invalid_params("requestState: is not a string"));
    }
    Ok(())
}

/// Checks the fields `mcp-param-*` of a tool call.
///
/// # Errors
/// Fails with 400 if a field does not repeat its argument.
pub fn check_param_fields(
    catalog: &Catalog,
    request: &RequestMessage,
    headers: &Headers,
) -> Result<(), RequestRefused> {
    let Some(params) = request
        .params
        .as_deref()
        .filter(|_| request.method == "tools/call")
    else {
        return Ok(());
    };
    let name = member(params, "name").and_then(read::<String>);
    let tool = name.and_then(|name| catalog.tool(Era::Modern, &name));
    // Arguments that cannot be read are invalid for the method.
    let arguments = member(params, "arguments").and_then(read::<Value>);
    if let (Some(tool), Some(arguments)) = (tool, arguments) {
        check_params(headers, &tool.definition.input_schema, &arguments)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mcp_conformance_catalog::CatalogName;
    use serde_json::Map;

    use super::*;
    use crate::json_rpc::{Incoming, parse};

    /// Returns the code of the error, or 0.
    fn code_of(name: CatalogName, method: &str, params: &str) -> i32 {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        let Ok(Incoming::Request(request)) = parse(body.as_bytes()) else {
            panic!("not a request: {body}");
        };
        let envelope = Envelope {
            capabilities: serde_json::from_value(Value::Object(Map::new())).unwrap(),
            declared: Map::new(),
            log_level: None,
        };
        let converted = sdk_request(&Catalog::named(name), &request, &envelope);
        converted.err().map_or(0, |error| error.code.0)
    }

    #[test]
    fn only_methods_of_the_era_are_served() {
        let code = |method| code_of(CatalogName::Conformance, method, "{}");
        assert_eq!([code("server/discover"), code("tools/list")], [0, 0]);
        for method in [
            "initialize",
            "ping",
            "logging/setLevel",
            "resources/subscribe",
            "tasks/get",
            "no/such",
        ] {
            assert_eq!(code(method), -32601, "{method}");
        }
        assert_eq!(code_of(CatalogName::Empty, "server/discover", "{}"), 0);
        assert_eq!(code_of(CatalogName::Empty, "tools/list", "{}"), -32601);
    }

    #[test]
    fn params_and_answers_are_checked() {
        for (params, code) in [
            (r#"{"name":"a"}"#, 0),
            (r#"{"name":"a","inputResponses":{},"requestState":""}"#, 0),
            ("{}", -32602),
            (r#"{"name":"a","requestState":null}"#, -32602),
            (r#"{"name":"a","requestState":7}"#, -32602),
            (r#"{"name":"a","inputResponses":[]}"#, -32602),
            (r#"{"name":"a","inputResponses":null}"#, -32602),
            (r#"{"name":"a","inputResponses":{"a":{},"b":12345}}"#, -32602),
            (r#"{"name":"a","inputResponses":{"a":{"b":1}}}"#, 0),
        ] {
            assert_eq!(
                code_of(CatalogName::Conformance, "tools/call", params),
                code,
                "{params}"
            );
        }
        let other = r#"{"requestState":7}"#;
        assert_eq!(code_of(CatalogName::Conformance, "tools/list", other), 0);
    }

    #[test]
    fn deep_arguments_are_compared_with_their_fields() {
        let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
        for (region, is_refused) in [("\"a\"", true), ("null", false)] {
            let arguments = format!(r#"{{"region":{region},"deep":{deep}}}"#);
            let params = format!(r#"{{"name":"test_x_mcp_header","arguments":{arguments}}}"#);
            let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
            let Ok(Incoming::Request(request)) = parse(body.as_bytes()) else {
                panic!("not a request: {body}");
            };
            let catalog = Catalog::named(CatalogName::Conformance);
            let checked = check_param_fields(&catalog, &request, &Headers::default());
            assert_eq!(checked.is_err(), is_refused, "{region}");
        }
    }
}
