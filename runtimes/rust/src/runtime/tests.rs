//! Tests of a tool that panics.

use std::{fmt::Write, path::Path};

use mcp_conformance_catalog::Tool;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    task::yield_now,
};

use super::*;
use crate::{
    grpc::{Connection, connect},
    proto::{McpRequest, mcp_runtime_client::McpRuntimeClient},
    sockets::SocketPaths,
};

/// The value of the panic, which may hold data of a caller.
const SECRET: &str = "a secret";

const EVENTS: &str = "application/json, text/event-stream";

/// A runtime with the tool `panics`, and a client of each transport.
struct Served {
    runtime: Runtime,
    grpc: McpRuntimeClient<Connection>,
    http: Box<Path>,
    _folder: tempfile::TempDir,
}

impl Served {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [grpc, http] = ["grpc", "http"].map(|name| folder.path().join(name));
        let paths = SocketPaths {
            grpc: Some(grpc.clone()),
            http: Some(http.clone()),
        };
        let schema = json!({ "type": "object" });
        let panics = Tool::new("panics", "Panics", schema, |arguments: Value, _| async move {
            if arguments["waits"] == true {
                yield_now().await;
            }
            panic!("{SECRET}")
        });
        let catalog = Catalog::named(CatalogName::Conformance).with_tool(panics);
        let sockets = Sockets::claim(&paths).await.unwrap();
        Self {
            runtime: Runtime::serve_catalog(catalog, RuntimeOptions::default(), sockets).unwrap(),
            grpc: connect(&grpc).await.unwrap(),
            http: http.into(),
            _folder: folder,
        }
    }

    /// Opens a session and returns its id.
    async fn session(&mut self) -> String {
        let params = json!({
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" }
        });
        let answer = self.grpc.invoke(request("", "initialize", params)).await;
        answer.unwrap().into_inner().headers["mcp-session-id"].clone()
    }

    /// Returns the answers over both transports, complete and streamed.
    async fn answers(&mut self, request: &McpRequest) -> [String; 4] {
        [
            self.invoke(request).await,
            self.stream(request).await,
            self.post(request, "application/json").await,
            self.post(request, EVENTS).await,
        ]
    }

    async fn invoke(&mut self, request: &McpRequest) -> String {
        let answer = self.grpc.invoke(request.clone()).await.unwrap().into_inner();
        assert_eq!(answer.status, 200);
        String::from_utf8(answer.body.to_vec()).unwrap()
    }

    async fn stream(&mut self, request: &McpRequest) -> String {
        let mut stream = self
            .grpc
            .invoke_stream(request.clone())
            .await
            .unwrap()
            .into_inner();
        let mut text = Vec::new();
        while let Some(chunk) = stream.message().await.unwrap() {
            assert_eq!(chunk.error_status, 0);
            text.extend_from_slice(&chunk.data);
        }
        String::from_utf8(text).unwrap()
    }

    async fn post(&self, request: &McpRequest, accept: &str) -> String {
        let mut head = format!(
            "POST /mcp HTTP/1.1\r\nhost: runtime\r\nconnection: close\r\naccept: {accept}\r\ncontent-length: {}\r\n",
            request.body.len()
        );
        let session = (!request.session_id.is_empty()).then_some(("mcp-session-id", &request.session_id));
        let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value));
        for (name, value) in headers.chain(session) {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        let mut socket = UnixStream::connect(&self.http).await.unwrap();
        socket.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        socket.write_all(&request.body).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        answer
    }
}

fn request(session: &str, method: &str, params: Value) -> McpRequest {
    McpRequest {
        path: "/mcp".to_owned(),
        method: "POST".to_owned(),
        session_id: session.to_owned(),
        body: json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params })
            .to_string()
            .into(),
        ..McpRequest::default()
    }
}

fn tool(session: &str, name: &str, arguments: Value) -> McpRequest {
    request(
        session,
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// Returns a call of a tool without a session.
fn modern_tool(name: &str, arguments: Value) -> McpRequest {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    let params = json!({ "name": name, "arguments": arguments, "_meta": meta });
    let headers = [
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", name),
    ];
    McpRequest {
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..request("", "tools/call", params)
    }
}

/// Returns the arguments of calls of `panics`: at once or after a wait, with a small or a large body.
fn calls_that_panic() -> [Value; 4] {
    let large = "x".repeat(100_000);
    [(false, ""), (true, ""), (false, &large), (true, &large)]
        .map(|(waits, padding)| json!({ "waits": waits, "padding": padding }))
}

/// Checks that a panic is answered as an internal failure (ERROR-3, JSONRPC-1).
fn check(answer: &str) {
    let expected = r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"Internal error","data":{"#;
    assert_eq!(answer.matches(expected).count(), 1, "{answer}");
    assert!(!answer.contains(SECRET), "{answer}");
}

/// Fails the test if a call is not answered.
async fn answered<T>(call: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(60);
    timeout(limit, call).await.expect("the call is answered")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_answered_and_other_calls_of_the_session_go_on() {
    let mut served = Served::new().await;
    let session = served.session().await;
    let key = json!({ "key": "k" });
    let wait = tool(&session, "conformance_wait", key.clone());
    let mut client = served.grpc.clone();
    let waiting = tokio::spawn(async move { client.invoke(wait).await });
    let state = tool(&session, "conformance_state", key.clone());
    while !served.invoke(&state).await.contains("running") {
        yield_now().await;
    }
    for arguments in calls_that_panic() {
        let call = tool(&session, "panics", arguments);
        for answer in answered(served.answers(&call)).await {
            check(&answer);
        }
    }
    assert_eq!(served.runtime.sessions.all()[0].connection.in_flight(), 1);
    let release = tool(&session, "conformance_release", key);
    assert!(served.invoke(&release).await.contains("released 1"));
    assert_eq!(answered(waiting).await.unwrap().unwrap().into_inner().status, 200);
    assert_eq!(served.runtime.calls_in_flight(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_without_a_session_is_answered() {
    let mut served = Served::new().await;
    for arguments in calls_that_panic() {
        let call = modern_tool("panics", arguments);
        for answer in answered(served.answers(&call)).await {
            check(&answer);
        }
    }
    assert_eq!(served.runtime.calls_in_flight(), 0);
}
