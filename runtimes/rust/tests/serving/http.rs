//! Tests of the HTTP transport.

use mcp_runtime::limits::Limits;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    task::yield_now,
};

use crate::{
    harness::{Served, get, in_time, request},
    http_client::{HttpClient, text},
};

const JSON: (&str, &str) = ("accept", "application/json");
const EVENTS: (&str, &str) = ("accept", "application/json, text/event-stream");

/// Returns the auth context of the owner of the sessions.
fn owner() -> String {
    get("").auth_context.unwrap().encoded
}

fn message(method: &str, params: Value) -> Value {
    let body = request("", method, params).body;
    serde_json::from_slice(&body).unwrap()
}

fn tool(name: &str, arguments: Value) -> Value {
    message("tools/call", json!({ "name": name, "arguments": arguments }))
}

fn ping() -> Value {
    message("ping", json!({}))
}

#[tokio::test]
async fn health_is_the_same_as_over_grpc() {
    in_time(async {
        let served = Served::new(Limits::default()).await;
        let mut client = HttpClient::connect(&served.http_socket_path).await;
        let response = client.send("GET", "/health", &[], String::new()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        let health: Value = serde_json::from_str(&text(response.into_body()).await.unwrap()).unwrap();
        assert_eq!(
            health,
            json!({
                "status": "ok",
                "mode": "full",
                "version": env!("CARGO_PKG_VERSION"),
                "capabilities": ["stream-head", "stream-post", "resume", "mcp-2026-07-28"],
            })
        );
    })
    .await;
}

#[tokio::test]
async fn a_session_belongs_to_both_transports() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let session = served.session().await;
        let owner = owner();
        let mut client = HttpClient::connect(&served.http_socket_path).await;
        let own = [
            ("mcp-session-id", session.as_str()),
            ("x-contextforge-auth-context", &owner),
        ];
        let [session_id, caller] = own;
        let answer = client
            .answer("POST", &[JSON, session_id, caller], &ping())
            .await
            .unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains(r#""result":{}"#), "{}", answer.body);
        let scope = ("x-contextforge-server-id", "other");
        for (status, fields) in [
            (400, vec![caller]),
            (400, vec![session_id, session_id, caller]),
            (
                400,
                vec![session_id, caller, ("x-contextforge-auth-expires-at", "soon")],
            ),
            (
                401,
                vec![session_id, caller, ("x-contextforge-auth-expires-at", "1")],
            ),
            (401, vec![session_id, ("x-contextforge-auth-context", "!")]),
            (403, vec![session_id]),
            (403, vec![session_id, caller, scope]),
            (404, vec![("mcp-session-id", "unknown"), caller]),
        ] {
            for (method, accept) in [
                ("POST", JSON),
                ("POST", EVENTS),
                ("GET", EVENTS),
                ("DELETE", JSON),
            ] {
                let fields: Vec<_> = [&fields[..], &[accept]].concat();
                let answer = client.answer(method, &fields, &ping()).await.unwrap();
                assert_eq!(answer.status, status, "{method} {fields:?}: {}", answer.body);
                assert!(
                    answer.body.contains(r#""error":"#),
                    "{method} {fields:?}: {}",
                    answer.body
                );
                assert_eq!(answer.headers["content-type"], "application/json");
            }
        }
        let closed = client.answer("DELETE", &own, &Value::Null).await.unwrap();
        assert_eq!((closed.status.as_u16(), closed.body.as_str()), (204, ""));
        let gone = served.invoke(&session, "ping", json!({})).await.unwrap();
        assert_eq!(gone.status, 404);
    })
    .await;
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    in_time(async {
        let served = Served::new(Limits::default()).await;
        let mut client = HttpClient::connect(&served.http_socket_path).await;
        for method in ["PUT", "HEAD", "OPTIONS", "post"] {
            let response = client.send(method, "/mcp", &[], String::new()).await.unwrap();
            assert_eq!(response.status(), 405, "{method}");
            assert!(response.headers().contains_key("allow"), "{method}");
            text(response.into_body()).await.unwrap();
        }
        for path in ["/", "/health", "/mcp/x", "/_internal/mcp", "/mcp/\u{fc}"] {
            let response = client
                .send("POST", path, &[JSON], ping().to_string())
                .await
                .unwrap();
            assert_eq!(response.status(), 404, "{path}");
            text(response.into_body()).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_its_response() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let (session, owner) = (served.session().await, owner());
        let fields = [
            EVENTS,
            ("mcp-session-id", &session),
            ("x-contextforge-auth-context", &owner),
        ];
        let mut client = HttpClient::connect(&served.http_socket_path).await;
        let call = tool("conformance_events", json!({ "count": 3 }));
        let answer = client.answer("POST", &fields, &call).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers["content-type"], "text/event-stream");
        assert!(
            answer.body.ends_with("\n\n") && answer.body.contains("emitted 3"),
            "{}",
            answer.body
        );
        let notification = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let accepted = client.answer("POST", &fields, &notification).await.unwrap();
        assert_eq!((accepted.status.as_u16(), accepted.body.as_str()), (202, ""));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_connection_cancels_its_call() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let (session, owner) = (served.session().await, owner());
        for accept in [JSON, EVENTS] {
            let fields = [
                accept,
                ("mcp-session-id", &session),
                ("x-contextforge-auth-context", &owner),
            ];
            let key = accept.1;
            let mut client = HttpClient::connect(&served.http_socket_path).await;
            let call = tool("conformance_wait", json!({ "key": key }));
            let waiting = client.answer("POST", &fields, &call);
            tokio::select! {
                _ = waiting => panic!("the call was answered"),
                () = await_state(&mut served, &session, key, "running") => {}
            }
            drop(client);
            await_state(&mut served, &session, key, "cancelled").await;
        }
    })
    .await;
}

async fn await_state(served: &mut Served, session: &str, key: &str, state: &str) {
    let params = json!({ "name": "conformance_state", "arguments": { "key": key } });
    loop {
        let answer = served
            .invoke(session, "tools/call", params.clone())
            .await
            .unwrap();
        if String::from_utf8_lossy(&answer.body).contains(state) {
            return;
        }
        yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_stream_can_be_reopened() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let (session, owner) = (served.session().await, owner());
        let fields = [
            ("mcp-session-id", session.as_str()),
            ("x-contextforge-auth-context", &owner),
        ];
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(HttpClient::connect(&served.http_socket_path).await);
        }
        let mut statuses = Vec::new();
        for mut client in clients {
            let response = client.send("GET", "/mcp", &fields, String::new()).await.unwrap();
            statuses.push(response.status().as_u16());
            if statuses.len() == 1 {
                let mut second = HttpClient::connect(&served.http_socket_path).await;
                let refused = second.send("GET", "/mcp", &fields, String::new()).await.unwrap();
                assert_eq!(refused.status(), 409);
            }
            // Dropping the response and the client closes the connection.
        }
        assert_eq!(statuses, [200, 200, 200]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_stream_is_incomplete() {
    in_time(async {
        let served = Served::new(Limits::default()).await;
        let mut client = HttpClient::connect(&served.http_socket_path).await;
        let request = crate::harness::modern(
            "tools/call",
            json!({ "name": "conformance_wait", "arguments": { "key": "k" } }),
        );
        let mut fields = vec![EVENTS];
        let headers: Vec<_> = request.headers.iter().collect();
        fields.extend(
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        let response = client.send("POST", "/mcp", &fields, body).await.unwrap();
        assert_eq!(response.status(), 200);
        served.runtime.stop().await;
        assert!(text(response.into_body()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_large_body_is_refused() {
    in_time(async {
        let limits = Limits {
            max_body_bytes: 1000,
            ..Limits::default()
        };
        let served = Served::new(limits).await;
        let mut client = HttpClient::connect(&served.http_socket_path).await;
        for (size, status) in [(2000, 413), (1001, 413), (1000, 400)] {
            let response = client
                .send("POST", "/mcp", &[JSON], " ".repeat(size))
                .await
                .unwrap();
            assert_eq!(response.status(), status, "{size} bytes");
            assert!(!response.headers().contains_key("connection"), "{size} bytes");
            text(response.into_body()).await.unwrap();
        }
        let response = client
            .send("POST", "/mcp", &[JSON], " ".repeat(2002))
            .await
            .unwrap();
        assert_eq!(response.status(), 413);
        assert_eq!(response.headers()["connection"], "close");
    })
    .await;
}

#[tokio::test]
async fn an_ambiguous_request_is_not_carried_out() {
    in_time(async {
        let served = Served::new(Limits::default()).await;
        for fields in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
            "Transfer-Encoding: gzip\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
            "A : b\r\n\r\n",
            "A: b\rC: d\r\n\r\n",
        ] {
            let mut socket = UnixStream::connect(&served.http_socket_path).await.unwrap();
            let sent = format!(
                "POST /mcp HTTP/1.1\r\nHost: runtime\r\n{fields}GET /health HTTP/1.1\r\nHost: runtime\r\n\r\n"
            );
            socket.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = String::new();
            socket.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 400 "), "{fields:?}: {answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{fields:?}: {answer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_answers_calls_in_flight_and_ends_streams() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let (session, owner) = (served.session().await, owner());
        let fields = [
            JSON,
            ("mcp-session-id", &session),
            ("x-contextforge-auth-context", &owner),
        ];
        let mut streaming = HttpClient::connect(&served.http_socket_path).await;
        let live = streaming
            .send("GET", "/mcp", &fields, String::new())
            .await
            .unwrap();
        assert_eq!(live.status(), 200);
        let mut idle = HttpClient::connect(&served.http_socket_path).await;
        assert_eq!(idle.answer("POST", &fields, &ping()).await.unwrap().status, 200);
        let silent = UnixStream::connect(&served.http_socket_path).await.unwrap();
        let mut client = HttpClient::connect(&served.http_socket_path).await;
        let call = tool("test_tool_with_logging", json!({}));
        let path = served.http_socket_path.clone();
        let in_flight = async {
            let answer = client.answer("POST", &fields, &call).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
        };
        let runtime = served.runtime;
        let stop = async {
            while runtime.calls_in_flight() == 0 {
                yield_now().await;
            }
            runtime.stop().await;
        };
        tokio::join!(in_flight, stop);
        text(live.into_body()).await.unwrap();
        assert!(!path.exists());
        assert!(UnixStream::connect(&path).await.is_err());
        assert!(idle.answer("POST", &fields, &ping()).await.is_err());
        drop(silent);
    })
    .await;
}
