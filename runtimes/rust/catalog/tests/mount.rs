//! Mounts the catalog on servers of the SDK, and talks to them with the SDK's client.
#![allow(
    deprecated,
    reason = "the supported revisions have logging, sampling and subscriptions"
)]

use std::{future::Future, time::Duration};

use mcp_conformance_catalog::{CallScope, Claims, Mount, mount};
use rmcp::{
    ClientHandler, ErrorData, RoleClient, RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig,
        ContentBlock, CreateMessageRequestParams, CreateMessageResult, Implementation, ListToolsResult,
        LoggingMessageNotificationParam, PaginatedRequestParams, ReadResourceRequestParams,
        ResourceUpdatedNotificationParam, SamplingMessage, ServerCapabilities, ServerConfig,
        SubscribeRequestParams, Tool,
    },
    service::{NotificationContext, RequestContext, RunningService, ServiceError},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream},
    sync::mpsc,
};

/// A plain server without features.
struct Plain;

impl ServerHandler for Plain {}

/// A server with one tool.
struct WithTool;

impl ServerHandler for WithTool {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _params: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let schema = json!({ "type": "object" })
            .as_object()
            .cloned()
            .unwrap_or_default();
        Ok(ListToolsResult::with_all_items(vec![Tool::new(
            "own", "", schema,
        )]))
    }

    async fn call_tool(
        &self,
        _params: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(vec![ContentBlock::text("mine")]).into())
    }
}

/// A client that answers sampling requests, and passes on the notifications that it receives.
struct Client(mpsc::UnboundedSender<Value>);

impl ClientHandler for Client {
    fn get_info(&self) -> ClientConfig {
        let capabilities = ClientCapabilities::builder().enable_sampling().build();
        ClientConfig::new(capabilities, Implementation::new("test", "1"))
    }

    async fn create_message(
        &self,
        _params: CreateMessageRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        Ok(CreateMessageResult::new(
            SamplingMessage::assistant_text("two"),
            "m".to_owned(),
        ))
    }

    async fn on_logging_message(
        &self,
        params: LoggingMessageNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        let _ = self.0.send(params.data);
    }

    async fn on_resource_updated(
        &self,
        params: ResourceUpdatedNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        let _ = self.0.send(json!(params.uri));
    }
}

struct Connected {
    client: RunningService<RoleClient, Client>,
    received: mpsc::UnboundedReceiver<Value>,
}

impl Connected {
    async fn call(&self, tool: &'static str, arguments: Value) -> Result<CallToolResult, ServiceError> {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let params = CallToolRequestParams::new(tool).with_arguments(arguments);
        in_time(self.client.call_tool(params)).await
    }

    async fn text(&self, tool: &'static str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await.unwrap();
        result.content[0].as_text().unwrap().text.clone()
    }

    async fn next(&mut self) -> Value {
        in_time(self.received.recv()).await.unwrap()
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work)
        .await
        .expect("20 s have passed")
}

async fn connect(server: impl ServerHandler) -> Connected {
    let (near, far) = tokio::io::duplex(65536);
    tokio::spawn(async move {
        let running = server.serve(far).await.expect("the handshake succeeds");
        running.waiting().await
    });
    let (sender, received) = mpsc::unbounded_channel();
    let client = in_time(Client(sender).serve(near)).await.unwrap();
    Connected { client, received }
}

fn code(error: ServiceError) -> i32 {
    match error {
        ServiceError::McpError(error) => error.code.0,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_plain_server_serves_the_whole_catalog() {
    let connected = connect(mount(Plain)).await;
    let client = &connected.client;
    let declared = serde_json::to_value(&client.peer_info().unwrap().capabilities).unwrap();
    assert_eq!(
        declared,
        json!({ "tools": {}, "resources": { "subscribe": true }, "prompts": {}, "completions": {}, "logging": {} })
    );
    assert_eq!(client.list_tools(None).await.unwrap().tools.len(), 24);
    assert_eq!(client.list_resources(None).await.unwrap().resources.len(), 3);
    assert_eq!(client.list_prompts(None).await.unwrap().prompts.len(), 4);
    assert_eq!(
        connected.text("conformance_echo", json!({ "text": "é" })).await,
        "é"
    );
    assert_eq!(
        connected
            .text("test_sampling", json!({ "prompt": "1 + 1?" }))
            .await,
        "LLM response: two"
    );
    let unknown = connected.call("none", json!({})).await.unwrap_err();
    assert_eq!(code(unknown), -32602);
    let unknown = client
        .read_resource(ReadResourceRequestParams::new("test://none"))
        .await;
    assert_eq!(code(unknown.unwrap_err()), -32002);
    let cursor = PaginatedRequestParams::default().with_cursor(Some("c".to_owned()));
    assert_eq!(code(client.list_tools(Some(cursor)).await.unwrap_err()), -32602);
}

#[tokio::test]
async fn a_server_keeps_its_own_items() {
    let connected = connect(mount(WithTool)).await;
    let tools = connected.client.list_tools(None).await.unwrap().tools;
    assert_eq!((tools.len(), &*tools[24].name), (25, "own"));
    assert_eq!(connected.text("own", json!({})).await, "mine");
}

#[tokio::test]
async fn log_messages_and_changes_reach_the_caller() {
    let mut connected = connect(mount(Plain)).await;
    connected.text("conformance_events", json!({ "count": 1 })).await;
    assert_eq!(connected.next().await, json!({ "n": 0 }));
    let uri = "test://watched-resource";
    connected
        .client
        .subscribe(SubscribeRequestParams::new(uri))
        .await
        .unwrap();
    assert_eq!(
        connected.text("conformance_touch", json!({ "uri": uri })).await,
        "touched"
    );
    assert_eq!(connected.next().await, json!(uri));
}

#[tokio::test]
async fn the_sessions_of_a_caller_share_their_waits() {
    let alice = Mount::default().with_caller(|_| {
        Some(CallScope {
            claims: Claims {
                email: Some("alice@example.com".to_owned()),
                ..Claims::default()
            },
            server_id: "s1".to_owned(),
            owner: "alice".to_owned(),
        })
    });
    for (shared, released) in [(alice, "released 1"), (Mount::default(), "released 0")] {
        let (waiting, other) = (
            connect(shared.mount(Plain)).await,
            connect(shared.mount(Plain)).await,
        );
        let key = || json!({ "key": "k" });
        let releases = async {
            while waiting.text("conformance_state", key()).await != "running" {}
            let first = other.text("conformance_release", key()).await;
            waiting.text("conformance_release", key()).await;
            first
        };
        let (outcome, first) = tokio::join!(waiting.text("conformance_wait", key()), releases);
        assert_eq!((outcome.as_str(), first.as_str()), ("released", released));
    }
}

#[tokio::test]
async fn the_caller_is_reported() {
    let scope = |_: &RequestContext<RoleServer>| {
        Some(CallScope {
            claims: Claims::default(),
            server_id: "s1".to_owned(),
            owner: "a".to_owned(),
        })
    };
    let connected = connect(Mount::default().with_caller(scope).mount(Plain)).await;
    assert_eq!(
        connected.text("conformance_whoami", json!({})).await,
        r#"{"email":null,"teams":[],"is_authenticated":false,"is_admin":false,"permission_is_admin":false,"token_use":null,"scoped_permissions":[],"scoped_server_id":null,"server_id":"s1"}"#
    );
}

/// Sends a request of the revision without sessions as a line, and returns its response and the messages before it.
async fn ask(stream: &mut BufReader<DuplexStream>, method: &str, mut params: Value) -> Vec<Value> {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
        "io.modelcontextprotocol/logLevel": "emergency"
    });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    stream
        .get_mut()
        .write_all(format!("{request}\n").as_bytes())
        .await
        .unwrap();
    let mut messages = Vec::new();
    loop {
        let message = next_line(stream).await;
        let is_response = message.get("id").is_some();
        messages.push(message);
        if is_response {
            return messages;
        }
    }
}

async fn next_line(stream: &mut BufReader<DuplexStream>) -> Value {
    let mut line = String::new();
    in_time(stream.read_line(&mut line)).await.unwrap();
    serde_json::from_str(&line).unwrap()
}

#[tokio::test]
async fn a_server_serves_both_eras() {
    let (near, far) = tokio::io::duplex(65536);
    tokio::spawn(async move { mount(WithTool).serve(far).await.unwrap().waiting().await });
    let mut stream = BufReader::new(near);
    let discovered = ask(&mut stream, "server/discover", json!({})).await;
    assert_eq!(
        discovered[0]["result"]["capabilities"]["tools"],
        json!({ "listChanged": true })
    );
    let tools = ask(&mut stream, "tools/list", json!({})).await[0]["result"]["tools"].to_string();
    assert!(tools.contains("test_missing_capability") && tools.contains(r#""own""#));
    assert!(!tools.contains("test_sampling"));
    let name = "test_input_required_result_request_state";
    let asked = ask(&mut stream, "tools/call", json!({ "name": name })).await;
    let answers = json!({ "confirm": { "action": "accept" } });
    let state = &asked[0]["result"]["requestState"];
    let again = json!({ "name": name, "inputResponses": answers, "requestState": state });
    let answered = ask(&mut stream, "tools/call", again).await;
    assert_eq!(
        answered[0]["result"]["content"][0]["text"],
        "state-ok: the state is valid"
    );
    let refused = ask(
        &mut stream,
        "tools/call",
        json!({ "name": "test_missing_capability" }),
    )
    .await;
    assert_eq!(refused[0]["error"]["code"], -32021);
    let logged = ask(&mut stream, "tools/call", json!({ "name": "test_logging_tool" })).await;
    assert_eq!(
        (logged.len(), &logged[0]["params"]["level"]),
        (2, &json!("emergency"))
    );
    let prompt = json!({ "name": "test_input_required_result_prompt" });
    let asked = ask(&mut stream, "prompts/get", prompt).await;
    assert_eq!(asked[0]["result"]["resultType"], "input_required");
    let missing = ask(&mut stream, "resources/read", json!({ "uri": "test://none" })).await;
    assert_eq!(missing[0]["error"]["code"], -32602);
}
