mod checks;
mod modern;
mod requests;
mod streams;
mod subscriptions;

use std::{future::poll_fn, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_conformance_catalog::{CatalogName, Modern, Rounds, Subscriptions};
use serde_json::{Value, json};

use super::*;
use crate::{
    http::Method,
    proto::{McpAuthContext, McpRequest},
    stream::OpenStream,
};

fn service_with(limits: Limits, anonymous: AnonymousPolicy) -> Arc<McpService> {
    let catalog = Arc::new(Catalog::named(CatalogName::Conformance));
    let subscriptions = Arc::<Subscriptions>::default();
    let modern = Modern {
        catalog: catalog.clone(),
        rounds: Rounds::with_random_key(limits.request_state),
    };
    let modern = ModernService::new(limits.clone(), modern, "1", subscriptions.clone());
    let subscriptions = Arc::new(AllSubscriptions::new(subscriptions, &limits));
    Arc::new(McpService {
        sessions: Arc::new(SessionStore::new(&limits)),
        limits,
        anonymous,
        catalog,
        version: "1",
        subscriptions,
        modern,
        large_bodies: LargeBodies::start().unwrap(),
    })
}

fn service(limits: Limits) -> Arc<McpService> {
    service_with(limits, AnonymousPolicy::Isolate)
}

fn message(session_id: &str, message: &Value) -> McpRequest {
    McpRequest {
        path: "/mcp".to_owned(),
        method: "POST".to_owned(),
        session_id: session_id.to_owned(),
        body: message.to_string().into(),
        ..McpRequest::default()
    }
}

fn request(session_id: &str, method: &str, params: &Value) -> McpRequest {
    message(
        session_id,
        &json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }),
    )
}

fn initialize() -> McpRequest {
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" }
    });
    request("", "initialize", &params)
}

fn tool(session_id: &str, name: &str, arguments: &Value) -> McpRequest {
    request(
        session_id,
        "tools/call",
        &json!({ "name": name, "arguments": arguments }),
    )
}

fn without_body(session_id: &str) -> McpRequest {
    McpRequest {
        path: "/mcp".to_owned(),
        session_id: session_id.to_owned(),
        ..McpRequest::default()
    }
}

fn with_email(mut request: McpRequest, email: &str) -> McpRequest {
    let claims = json!({ "email": email, "is_authenticated": true });
    request.auth_context = Some(McpAuthContext {
        encoded: BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()),
        expires_at_epoch_ms: 0,
    });
    request
}

fn with_header(mut request: McpRequest, name: &str, value: &str) -> McpRequest {
    request.headers.insert(name.to_owned(), value.to_owned());
    request
}

async fn invoke(service: &McpService, request: McpRequest) -> Result<Answer, Refusal> {
    service.invoke(Call::read(&[Method::Post], request)?).await
}

async fn open(service: &McpService, request: McpRequest) -> Result<StreamAnswer, Refusal> {
    service
        .open_stream(Call::read(&[Method::Get, Method::Post], request)?)
        .await
}

async fn open_events(service: &McpService, request: McpRequest) -> OpenStream {
    match open(service, request).await {
        Ok(StreamAnswer::Events(stream)) => stream,
        Ok(StreamAnswer::Accepted(status)) => panic!("status {status} without events"),
        Ok(StreamAnswer::Whole(answer)) => panic!("status {} without events", answer.status),
        Err(refusal) => panic!("{refusal}"),
    }
}

async fn new_session(service: &McpService) -> String {
    let answer = invoke(service, initialize()).await.unwrap();
    assert_eq!(answer.status, 200);
    answer.headers["mcp-session-id"].clone()
}

/// Returns the HTTP status of a refusal, and the stable name of its cause.
fn refused<T>(result: Result<T, Refusal>) -> (u16, &'static str) {
    match result {
        Err(Refusal::Request(refused)) => (refused.http_status(), refused.code),
        Err(Refusal::Call(refused)) => panic!("refused on the gRPC layer: {refused}"),
        Ok(_) => panic!("not refused"),
    }
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

fn text_of(answer: &Answer) -> String {
    json_of(answer)["result"]["content"][0]["text"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn read_to_end(stream: &OpenStream) -> String {
    let mut text = Vec::new();
    while let Some(bytes) = poll_fn(|context| stream.reader.poll_take(context, usize::MAX)).await {
        text.extend_from_slice(&bytes.unwrap());
    }
    String::from_utf8(text).unwrap()
}

fn ids(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("id: "))
        .collect()
}

/// Runs `conformance_wait` in a task, and returns once the wait has begun.
async fn waiting(
    service: &Arc<McpService>,
    session: &str,
) -> tokio::task::JoinHandle<Result<Answer, Refusal>> {
    let call = tool(session, "conformance_wait", &json!({ "key": "k" }));
    let task = tokio::spawn({
        let service = service.clone();
        async move { invoke(&service, call).await }
    });
    while state_of_wait(service, session).await != "running" {
        tokio::task::yield_now().await;
    }
    task
}

async fn state_of_wait(service: &McpService, session: &str) -> String {
    let call = tool(session, "conformance_state", &json!({ "key": "k" }));
    text_of(&invoke(service, call).await.unwrap())
}
