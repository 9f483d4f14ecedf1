use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;

const REVISION: &str = "2026-07-28";

/// A request without a session, which declares all capabilities.
fn modern(id: &str, method: &str, mut params: Value) -> McpRequest {
    let name = ["name", "uri"]
        .into_iter()
        .find_map(|name| params[name].as_str().map(str::to_owned));
    let meta = params
        .as_object_mut()
        .unwrap()
        .entry("_meta")
        .or_insert(json!({}));
    meta["io.modelcontextprotocol/protocolVersion"] = json!(REVISION);
    if meta.get("io.modelcontextprotocol/clientCapabilities").is_none() {
        meta["io.modelcontextprotocol/clientCapabilities"] =
            json!({ "elicitation": {}, "sampling": {}, "roots": {} });
    }
    let mut request = McpRequest {
        path: "/mcp".to_owned(),
        method: "POST".to_owned(),
        body: format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#).into(),
        ..McpRequest::default()
    };
    request = with_header(request, "mcp-protocol-version", REVISION);
    request = with_header(request, "mcp-method", method);
    match name {
        Some(name) => with_header(request, "mcp-name", &name),
        None => request,
    }
}

fn call(name: &str, arguments: &Value) -> McpRequest {
    modern("7", "tools/call", json!({ "name": name, "arguments": arguments }))
}

fn listen(id: &str, filter: &Value) -> McpRequest {
    modern(id, "subscriptions/listen", json!({ "notifications": filter }))
}

/// Returns the status, and the code of the JSON-RPC error or 0.
fn outcome(answer: Result<Answer, Refusal>) -> (u16, i64) {
    let (status, body) = match answer {
        Ok(answer) => (answer.status, json_of(&answer)),
        Err(Refusal::Request(refused)) => (
            refused.http_status(),
            serde_json::from_str(&refused.body()).unwrap(),
        ),
        Err(Refusal::Call(refused)) => panic!("refused on the gRPC layer: {refused}"),
    };
    (status, body["error"]["code"].as_i64().unwrap_or_default())
}

/// Reads until the stream has sent a number of messages.
async fn messages(stream: &OpenStream, count: usize) -> Vec<Value> {
    let mut text = String::new();
    while text.matches("\n\n").count() < count {
        let bytes = poll_fn(|context| stream.reader.poll_take(context, usize::MAX)).await;
        text.push_str(std::str::from_utf8(&bytes.unwrap().unwrap()).unwrap());
    }
    messages_of(&text)
}

fn messages_of(text: &str) -> Vec<Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|json| serde_json::from_str(json).unwrap()).collect()
}

#[tokio::test]
async fn the_message_decides_about_the_era() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let in_session = |mut request: McpRequest| {
        request.session_id.clone_from(&session);
        request
    };
    for _ in 0..2 {
        let ping = in_session(modern("1", "ping", json!({})));
        assert_eq!(outcome(invoke(&service, ping).await), (404, -32601));
        let ping = request(&session, "ping", &json!({}));
        assert_eq!(outcome(invoke(&service, ping).await), (200, 0));
    }
    let answer = invoke(&service, modern("1", "initialize", json!({})))
        .await
        .unwrap();
    assert!(!answer.headers.contains_key("mcp-session-id"));
    assert_eq!(outcome(Ok(answer)), (404, -32601));
    let names = |answer: &Answer| json_of(answer)["result"]["tools"].to_string();
    let legacy = names(
        &invoke(&service, request(&session, "tools/list", &json!({})))
            .await
            .unwrap(),
    );
    let modern = names(
        &invoke(&service, modern("1", "tools/list", json!({})))
            .await
            .unwrap(),
    );
    assert!(legacy.contains("test_sampling") && !legacy.contains("test_missing_capability"));
    assert!(modern.contains("test_missing_capability") && !modern.contains("test_sampling"));
}

#[tokio::test]
async fn a_result_names_its_type_its_server_and_its_lifetime() {
    let service = service(Limits::default());
    for (method, params, scope) in [
        ("server/discover", json!({}), Some("public")),
        ("tools/list", json!({}), Some("public")),
        (
            "resources/read",
            json!({ "uri": "test://static-text" }),
            Some("public"),
        ),
        ("tools/call", json!({ "name": "test_simple_text" }), None),
        ("prompts/get", json!({ "name": "test_simple_prompt" }), None),
    ] {
        let answer = invoke(&service, modern("1", method, params)).await.unwrap();
        let result = &json_of(&answer)["result"];
        assert_eq!(result["resultType"], "complete", "{method}");
        let server = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(
            *server,
            json!({ "name": "mcp-runtime-conformance", "version": "1" })
        );
        assert_eq!(result["cacheScope"].as_str(), scope, "{method}");
        assert_eq!(result["ttlMs"].is_u64(), scope.is_some(), "{method}");
    }
}

#[tokio::test]
async fn ids_and_progress_tokens_keep_every_digit() {
    let service = service(Limits::default());
    let params = json!({ "name": "test_tool_with_progress", "_meta": { "progressToken": "TOKEN" } });
    let mut request = modern("12345678901234567890", "tools/call", params);
    let text = String::from_utf8(request.body.to_vec()).unwrap();
    request.body = text.replace("\"TOKEN\"", "98765432109876543210").into();
    let answer = invoke(&service, request).await.unwrap();
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert_eq!(text.matches(r#""progressToken":98765432109876543210"#).count(), 3);
    assert!(text.contains(r#""id":12345678901234567890"#) && ids(&text).is_empty());
}

#[tokio::test]
async fn a_refusal_has_no_null_id() {
    let service = service(Limits::default());
    for body in [
        "{",
        "[]",
        r#"{"jsonrpc":"2.0","id":null,"method":"a"}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ] {
        let mut request = modern("1", "server/discover", json!({}));
        request.body = body.into();
        let Err(Refusal::Request(refused)) = invoke(&service, request).await else {
            panic!("not refused: {body}");
        };
        assert!(!refused.body().contains(r#""id""#), "{body}");
        assert_eq!(refused.http_status(), 400);
    }
    let fraction = invoke(&service, modern("1.5", "server/discover", json!({}))).await;
    assert_eq!(outcome(fraction), (400, -32600));
    let unary = invoke(&service, listen("1", &json!({}))).await;
    assert_eq!(outcome(unary), (400, -32600));
}

#[tokio::test]
async fn a_notification_is_accepted() {
    let service = service(Limits::default());
    let mut note = modern("1", "notifications/cancelled", json!({ "requestId": 7 }));
    let text = String::from_utf8(note.body.to_vec()).unwrap();
    note.body = text.replace(r#""id":1,"#, "").into();
    assert_eq!(invoke(&service, note.clone()).await.unwrap().status, 202);
    assert!(matches!(
        open(&service, note.clone()).await,
        Ok(StreamAnswer::Accepted(202))
    ));
    note = with_header(note, "mcp-method", "other");
    assert_eq!(outcome(invoke(&service, note).await), (400, -32020));
}

#[tokio::test]
async fn a_streamed_request_keeps_the_status_of_an_early_error() {
    let service = service(Limits::default());
    let undeclared = json!({
        "name": "test_missing_capability", "_meta": { "io.modelcontextprotocol/clientCapabilities": {} }
    });
    let needs_form = json!({
        "name": "test_input_required_result_elicitation",
        "_meta": { "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "url": {} } } }
    });
    for (params, missing) in [
        (undeclared, json!({ "sampling": {} })),
        (needs_form, json!({ "elicitation": { "form": {} } })),
    ] {
        let Ok(StreamAnswer::Whole(answer)) = open(&service, modern("1", "tools/call", params)).await else {
            panic!("not refused");
        };
        assert_eq!(json_of(&answer)["error"]["data"]["requiredCapabilities"], missing);
        assert_eq!(outcome(Ok(answer)), (400, -32021));
    }
    let Ok(StreamAnswer::Whole(answer)) = open(&service, modern("1", "ping", json!({}))).await else {
        panic!("not refused");
    };
    assert_eq!(outcome(Ok(answer)), (404, -32601));
    let invalid = open_events(&service, modern("1", "tools/call", json!({ "name": "no such" }))).await;
    assert_eq!(
        messages_of(&read_to_end(&invalid).await)[0]["error"]["code"],
        -32602
    );
}

#[tokio::test]
async fn a_stream_has_the_messages_and_the_response() {
    let service = service(Limits::default());
    let params = json!({
        "name": "conformance_events", "arguments": { "count": 20 },
        "_meta": { "io.modelcontextprotocol/logLevel": "info" }
    });
    let stream = open_events(&service, modern("1", "tools/call", params)).await;
    assert_eq!(stream.headers["x-accel-buffering"], "no");
    let messages = messages_of(&read_to_end(&stream).await);
    let numbers: Vec<_> = messages[..20]
        .iter()
        .map(|message| message["params"]["data"]["n"].as_u64())
        .collect();
    assert_eq!(numbers, (0..20).map(Some).collect::<Vec<_>>());
    assert_eq!(messages[20]["result"]["content"][0]["text"], "emitted 20");
    // Without a level, a request gets no log messages.
    let silent = open_events(&service, call("conformance_events", &json!({ "count": 20 }))).await;
    assert_eq!(messages_of(&read_to_end(&silent).await).len(), 1);
}

#[tokio::test]
async fn a_slow_request_does_not_hold_back_its_stream_and_ends_with_it() {
    let limits = Limits {
        head_delay: Duration::ZERO,
        ..Limits::default()
    };
    let service = service(limits);
    let state = || async {
        let answer = invoke(&service, call("conformance_state", &json!({ "key": "k" }))).await;
        text_of(&answer.unwrap())
    };
    let stream = open_events(&service, call("conformance_wait", &json!({ "key": "k" }))).await;
    while state().await != "running" {}
    drop(stream);
    assert_eq!(state().await, "cancelled");
    let waiting = open_events(&service, call("conformance_wait", &json!({ "key": "k" }))).await;
    while state().await != "running" {}
    service.modern.close();
    let end = poll_fn(|context| waiting.reader.poll_take(context, usize::MAX)).await;
    assert_eq!(end.unwrap().unwrap_err().category, Category::Unavailable);
}

#[tokio::test]
async fn state_is_bound_to_its_caller_and_request() {
    let service = service(Limits::default());
    let first = call("test_input_required_result_request_state", &json!({}));
    let asked = json_of(
        &invoke(&service, with_email(first, "ann@example.com"))
            .await
            .unwrap(),
    );
    assert_eq!(asked["result"]["resultType"], "input_required");
    assert!(asked["result"].get("ttlMs").is_none());
    let again = |name: &str| {
        modern(
            "8",
            "tools/call",
            json!({
                "name": name,
                "inputResponses": { "confirm": { "action": "accept", "content": { "ok": "yes" } } },
                "requestState": asked["result"]["requestState"]
            }),
        )
    };
    let own = again("test_input_required_result_request_state");
    let answer = invoke(&service, with_email(own.clone(), "ann@example.com"))
        .await
        .unwrap();
    assert!(text_of(&answer).starts_with("state-ok"));
    for (request, email) in [
        (own, "bob@example.com"),
        (
            again("test_input_required_result_tampered_state"),
            "ann@example.com",
        ),
    ] {
        assert_eq!(
            outcome(invoke(&service, with_email(request, email)).await),
            (200, -32602)
        );
    }
}

#[tokio::test]
async fn a_resource_of_the_caller_is_private() {
    let service = service(Limits::default());
    let read = |params: Value| with_email(modern("1", "resources/read", params), "ann@example.com");
    let answer = invoke(&service, read(json!({ "uri": "test://whoami" })))
        .await
        .unwrap();
    let result = &json_of(&answer)["result"];
    assert_eq!(result["cacheScope"], "private");
    let text = result["contents"][0]["text"].as_str().unwrap();
    assert!(text.starts_with(r#"{"email":"ann@example.com""#));
    let asked = invoke(&service, read(json!({ "uri": "test://question" })))
        .await
        .unwrap();
    assert_eq!(json_of(&asked)["result"]["resultType"], "input_required");
    let answers = json!({ "user_name": { "action": "accept", "content": { "name": "Ann" } } });
    let again = read(json!({ "uri": "test://question", "inputResponses": answers }));
    let answered = json_of(&invoke(&service, again).await.unwrap());
    assert_eq!(answered["result"]["contents"][0]["text"], "Hello, Ann!");
    let session = new_session(&service).await;
    let legacy = request(&session, "resources/read", &json!({ "uri": "test://whoami" }));
    assert_eq!(outcome(invoke(&service, legacy).await), (200, -32002));
}

#[tokio::test]
async fn a_subscription_gets_its_changes_until_it_ends() {
    let service = service(Limits::default());
    let filter = json!({ "toolsListChanged": true, "resourceSubscriptions": ["test://watched-resource"] });
    let stream = open_events(&service, listen(r#""sub-é""#, &filter)).await;
    for request in [
        call("test_trigger_prompt_change", &json!({})),
        call("test_trigger_tool_change", &json!({})),
        call("conformance_touch", &json!({ "uri": "test://other" })),
        call("conformance_touch", &json!({ "uri": "test://watched-resource" })),
    ] {
        invoke(&service, request).await.unwrap();
    }
    service.modern.end_subscriptions();
    let messages = messages_of(&read_to_end(&stream).await);
    let methods: Vec<_> = messages
        .iter()
        .map(|message| message["method"].as_str())
        .collect();
    assert_eq!(
        methods,
        [
            Some("notifications/subscriptions/acknowledged"),
            Some("notifications/tools/list_changed"),
            Some("notifications/resources/updated"),
            None
        ]
    );
    assert_eq!(messages[0]["params"]["notifications"], filter);
    assert_eq!(messages[3]["result"]["resultType"], "complete");
    assert!(service.subscriptions.subscribers().listeners.is_empty());
}

#[tokio::test]
async fn subscriptions_are_limited_and_end_with_their_readers() {
    let limits = Limits {
        max_listens: 1,
        ..Limits::default()
    };
    let service = service(limits);
    let filter = json!({ "toolsListChanged": true });
    let stream = open_events(&service, listen("1", &filter)).await;
    assert_eq!(messages(&stream, 1).await.len(), 1);
    let refusal = open(&service, listen("2", &filter)).await;
    assert_eq!(refused(refusal), (429, "too_many_subscriptions"));
    drop(stream);
    while !service.subscriptions.subscribers().listeners.is_empty() {
        tokio::task::yield_now().await;
    }
    for filter in [
        json!({}),
        json!({ "toolsListChanged": false, "resourceSubscriptions": [] }),
    ] {
        let empty = open_events(&service, listen("3", &filter)).await;
        let messages = messages_of(&read_to_end(&empty).await);
        assert_eq!(messages[0]["params"]["notifications"], json!({}));
        assert_eq!(messages[1]["result"]["resultType"], "complete");
    }
    let invalid = open_events(&service, modern("4", "subscriptions/listen", json!({}))).await;
    assert_eq!(
        messages_of(&read_to_end(&invalid).await)[0]["error"]["code"],
        -32602
    );
}

#[tokio::test]
async fn a_subscription_ends_with_the_credentials_of_its_caller() {
    let service = service(Limits::default());
    let mut request = with_email(
        listen("1", &json!({ "toolsListChanged": true })),
        "ann@example.com",
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let expiry = now + Duration::from_millis(300);
    request.auth_context.as_mut().unwrap().expires_at_epoch_ms = expiry.as_millis().try_into().unwrap();
    let stream = open_events(&service, request).await;
    let messages = messages_of(&read_to_end(&stream).await);
    assert_eq!(messages.last().unwrap()["result"]["resultType"], "complete");
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    assert!(ended.as_millis() >= expiry.as_millis());
}

#[tokio::test]
async fn a_slow_reader_loses_its_subscription() {
    let limits = Limits {
        stream_buffer_bytes: 500,
        ..Limits::default()
    };
    let service = service(limits);
    let stream = open_events(&service, listen("1", &json!({ "toolsListChanged": true }))).await;
    for _ in 0..20 {
        invoke(&service, call("test_trigger_tool_change", &json!({})))
            .await
            .unwrap();
    }
    let end = poll_fn(|context| stream.reader.poll_take(context, usize::MAX)).await;
    assert_eq!(end.unwrap().unwrap_err().category, Category::RateLimited);
}

#[tokio::test]
async fn anonymous_callers_can_be_refused_without_a_session() {
    let service = service_with(Limits::default(), AnonymousPolicy::Refuse);
    let discover = || modern("1", "server/discover", json!({}));
    assert_eq!(
        refused(invoke(&service, discover()).await),
        (401, "identity_required")
    );
    let known = with_email(discover(), "ann@example.com");
    assert_eq!(outcome(invoke(&service, known).await), (200, 0));
}
