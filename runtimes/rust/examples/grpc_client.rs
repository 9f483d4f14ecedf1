//! Calls every RPC of a runtime with the defaults of tonic. Usage: `grpc_client SOCKET`
//!
//! Prints a line of JSON for each step: its name, and its problem or null. `npm run prove -- grpc-clients` runs it.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use mcp_runtime::proto::{
    HealthRequest, McpAuthContext, McpRequest, McpResponse, mcp_runtime_client::McpRuntimeClient,
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tonic::{
    Code, Request,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};

const CLAIMS: &str = r#"{"email":"client@example.com","teams":[],"is_authenticated":true}"#;
const FIRST_ID: u32 = 1000;
const CALLS: u32 = 100;
const ANSWER_BYTES: usize = 1024 * 1024;
const STEP_TIMEOUT: Duration = Duration::from_secs(20);

type Outcome = Result<(), Box<dyn Error>>;

/// Runs one step and prints its outcome.
macro_rules! step {
    ($caller:ident, $name:ident) => {
        let outcome = match timeout(STEP_TIMEOUT, $caller.$name()).await {
            Ok(outcome) => outcome.map_err(|problem| problem.to_string()),
            Err(_) => Err("the step takes more than 20 s".to_owned()),
        };
        println!(
            "{}",
            json!({ "step": stringify!($name), "problem": outcome.err() })
        );
    };
}

#[tokio::main]
async fn main() -> Outcome {
    let socket = std::env::args().nth(1).ok_or("usage: grpc_client SOCKET")?;
    let channel = Endpoint::from_shared(format!("unix:{socket}"))?.connect().await?;
    let mut caller = Caller {
        client: McpRuntimeClient::new(channel),
        session: String::new(),
    };
    step!(caller, health);
    step!(caller, initialize);
    step!(caller, ping);
    step!(caller, metadata);
    step!(caller, stream);
    step!(caller, large);
    step!(caller, concurrent);
    step!(caller, deadline);
    step!(caller, cancel);
    step!(caller, close);
    Ok(())
}

/// A caller with one session.
struct Caller {
    client: McpRuntimeClient<Channel>,
    session: String,
}

impl Caller {
    async fn health(&mut self) -> Outcome {
        let health = self.client.health_check(HealthRequest {}).await?;
        expect(health.into_inner().status.as_str(), "ok")
    }

    async fn initialize(&mut self) -> Outcome {
        let params = json!({
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "tonic", "version": "1" }
        });
        let response = self.invoke(self.rpc(1, "initialize", &params)).await?;
        self.session.clone_from(&response.headers["mcp-session-id"]);
        let notification = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let request = self.request(notification.to_string());
        let accepted = self.client.invoke(request).await?;
        expect(accepted.into_inner().status, 202)
    }

    async fn ping(&mut self) -> Outcome {
        self.invoke(self.rpc(1, "ping", &json!({}))).await?;
        Ok(())
    }

    async fn metadata(&mut self) -> Outcome {
        let mut request = self.rpc(1, "ping", &json!({}));
        let metadata = request.metadata_mut();
        metadata.insert("x-request-id", "a b".parse()?);
        metadata.insert_bin("trace-bin", MetadataValue::from_bytes(&[0, 255]));
        self.invoke(request).await?;
        Ok(())
    }

    async fn stream(&mut self) -> Outcome {
        let request = self.request(String::new());
        let mut live = self.client.invoke_stream(request).await?.into_inner();
        let chunk = live.message().await?.ok_or("the stream has no chunk")?;
        expect(chunk.status, 200)
    }

    async fn large(&mut self) -> Outcome {
        let text = "x".repeat(ANSWER_BYTES);
        let request = self.tool("conformance_echo", &json!({ "text": text }));
        let body = self.invoke(request).await?.body;
        expect(String::from_utf8(body.to_vec())?.contains(&text), true)
    }

    async fn concurrent(&mut self) -> Outcome {
        let calls = (FIRST_ID..FIRST_ID + CALLS).map(|id| {
            let (mut client, request) = (self.client.clone(), self.rpc(id, "ping", &json!({})));
            async move { (id, client.invoke(request).await) }
        });
        for (id, response) in join_all(calls).await {
            let answer: Value = serde_json::from_slice(&response?.into_inner().body)?;
            expect(&answer["id"], &json!(id))?;
        }
        Ok(())
    }

    async fn deadline(&mut self) -> Outcome {
        let key = format!("deadline-{}", self.session);
        let mut request = self.tool("conformance_wait", &json!({ "key": key }));
        request.set_timeout(Duration::from_millis(500));
        let answer = self.client.invoke(request).await;
        let status = answer.err().ok_or("the call got an answer")?;
        // tonic itself ends the call with CANCELLED. The runtime ends it at the same time.
        let permitted = [Code::DeadlineExceeded, Code::Cancelled];
        expect(permitted.contains(&status.code()), true)?;
        self.await_state(&key, &["cancelled", "unknown"]).await
    }

    async fn cancel(&mut self) -> Outcome {
        let key = format!("cancel-{}", self.session);
        let request = self.tool("conformance_wait", &json!({ "key": key }));
        let mut client = self.client.clone();
        let call = tokio::spawn(async move { client.invoke(request).await });
        self.await_state(&key, &["running"]).await?;
        call.abort();
        self.await_state(&key, &["cancelled"]).await
    }

    async fn close(&mut self) -> Outcome {
        let request = self.request(String::new());
        let response = self.client.close_session(request).await?;
        expect(response.into_inner().status / 100, 2)
    }

    /// Polls `conformance_state` until a call of `conformance_wait` has one of the expected states.
    async fn await_state(&mut self, key: &str, expected: &[&str]) -> Outcome {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let request = self.tool("conformance_state", &json!({ "key": key }));
            let answer: Value = serde_json::from_slice(&self.invoke(request).await?.body)?;
            let state = answer["result"]["content"][0]["text"].as_str().unwrap_or("");
            if expected.contains(&state) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(format!("conformance_wait is {state} after 10 s instead of {expected:?}").into());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Makes a call that the runtime must answer with 200.
    async fn invoke(&mut self, request: Request<McpRequest>) -> Result<McpResponse, Box<dyn Error>> {
        let response = self.client.invoke(request).await?.into_inner();
        expect(response.status, 200)?;
        Ok(response)
    }

    fn tool(&self, name: &str, arguments: &Value) -> Request<McpRequest> {
        let params = json!({ "name": name, "arguments": arguments });
        self.rpc(1, "tools/call", &params)
    }

    fn rpc(&self, id: u32, method: &str, params: &Value) -> Request<McpRequest> {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.request(message.to_string())
    }

    fn request(&self, body: String) -> Request<McpRequest> {
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        Request::new(McpRequest {
            path: "/mcp".to_owned(),
            body: body.into(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            auth_context: Some(McpAuthContext {
                encoded: URL_SAFE_NO_PAD.encode(CLAIMS),
                expires_at_epoch_ms: 0,
            }),
            session_id: self.session.clone(),
            ..McpRequest::default()
        })
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(actual: T, wanted: T) -> Outcome {
    if actual == wanted {
        return Ok(());
    }
    Err(format!("got {actual:?} instead of {wanted:?}").into())
}
