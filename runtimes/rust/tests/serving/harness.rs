use std::{path::PathBuf, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_runtime::{
    grpc::{Connection, connect},
    limits::Limits,
    proto::{McpAuthContext, McpChunk, McpRequest, McpResponse, mcp_runtime_client::McpRuntimeClient},
    runtime::{Runtime, RuntimeOptions},
    sockets::{SocketPaths, Sockets},
};
use serde_json::{Value, json};
use tonic::{Status, Streaming};

/// A runtime and a client connected to it. Every test has its own.
pub struct Served {
    pub runtime: Runtime,
    pub client: McpRuntimeClient<Connection>,
    pub socket_path: PathBuf,
    pub http_socket_path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Served {
    pub async fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket_path = folder.path().join("r.sock");
        let options = RuntimeOptions {
            limits,
            ..RuntimeOptions::default()
        };
        let http_socket_path = folder.path().join("http.sock");
        let paths = SocketPaths {
            grpc: Some(socket_path.clone()),
            http: Some(http_socket_path.clone()),
        };
        let runtime = Runtime::serve(options, Sockets::claim(&paths).await.unwrap()).unwrap();
        let client = connect(&socket_path)
            .await
            .unwrap()
            .max_decoding_message_size(usize::MAX);
        Self {
            runtime,
            client,
            socket_path,
            http_socket_path,
            _folder: folder,
        }
    }

    /// Opens a session and returns its id.
    pub async fn session(&mut self) -> String {
        let response = self.initialize().await;
        assert_eq!(response.status, 200, "{:?}", response.body);
        response.headers["mcp-session-id"].clone()
    }

    pub async fn initialize(&mut self) -> McpResponse {
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" }
        });
        self.invoke("", "initialize", params).await.unwrap()
    }

    pub async fn invoke(
        &mut self,
        session: &str,
        method: &str,
        params: Value,
    ) -> Result<McpResponse, Status> {
        let request = request(session, method, params);
        Ok(self.client.invoke(request).await?.into_inner())
    }

    pub async fn open(&mut self, request: McpRequest) -> Streaming<McpChunk> {
        self.client.invoke_stream(request).await.unwrap().into_inner()
    }
}

pub fn request(session: &str, method: &str, params: Value) -> McpRequest {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    McpRequest {
        method: "POST".to_owned(),
        body: message.to_string().into(),
        ..get(session)
    }
}

pub fn tool(session: &str, name: &str, arguments: Value) -> McpRequest {
    request(
        session,
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// Returns a request without a session, which asks for log messages of all levels.
pub fn modern(method: &str, mut params: Value) -> McpRequest {
    let fields = [
        ("mcp-protocol-version", Some("2026-07-28")),
        ("mcp-method", Some(method)),
        ("mcp-name", params["name"].as_str()),
    ];
    let fields = fields.map(|(name, value)| value.map(|value| (name.to_owned(), value.to_owned())));
    let headers = fields.into_iter().flatten().collect();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/logLevel": "debug"
    });
    McpRequest {
        headers,
        ..request("", method, params)
    }
}

/// Returns a request that opens the live stream.
pub fn get(session: &str) -> McpRequest {
    let claims = json!({ "email": "ann@example.com", "is_authenticated": true });
    McpRequest {
        path: "/mcp".to_owned(),
        session_id: session.to_owned(),
        auth_context: Some(McpAuthContext {
            encoded: BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()),
            expires_at_epoch_ms: 0,
        }),
        ..McpRequest::default()
    }
}

pub fn text_of(response: &McpResponse) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    body["result"]["content"][0]["text"].as_str().unwrap().to_owned()
}

/// Fails the test if the work does not end in time.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(300), work)
        .await
        .expect("the test takes less than five minutes")
}
