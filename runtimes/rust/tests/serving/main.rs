//! Tests of behaviour that the conformance kit does not cover: limits, expiry, shutdown, and memory use with slow
//! readers.

mod harness;
mod http;
mod http_client;
mod raw;

use std::{fs, time::Duration};

use harness::{Served, get, in_time, modern, text_of, tool};
use mcp_runtime::{grpc::connect, limits::Limits, proto::HealthRequest};
use raw::RawClient;
use serde_json::json;
use tokio::sync::Mutex;
use tonic::{Code, Request};

const MEBIBYTE: usize = 1024 * 1024;

/// Serializes tests that use much memory or measure memory use.
static MEMORY: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_blocks_its_producer() {
    in_time(async {
        let _turn = MEMORY.lock().await;
        let mut served = Served::new(Limits::default()).await;
        let session = served.session().await;
        let emit = json!({ "count": 100, "size": MEBIBYTE });
        let without_session = json!({ "name": "conformance_events", "arguments": emit });
        for request in [
            tool(&session, "conformance_events", emit.clone()),
            modern("tools/call", without_session),
        ] {
            let before = resident_bytes();
            let mut stream = served.open(request).await;
            stream.message().await.unwrap();
            // While the stream is not read, the runtime serves other calls and produces no more events.
            for _ in 0..300 {
                let echo = json!({ "name": "conformance_echo", "arguments": { "text": "a" } });
                served.invoke(&session, "tools/call", echo).await.unwrap();
            }
            let grown = resident_bytes().saturating_sub(before);
            assert!(grown < 64 * MEBIBYTE, "grew by {grown} bytes");
            let mut read = 0;
            while let Some(chunk) = stream.message().await.unwrap() {
                read += chunk.data.len();
            }
            assert!(read > 100 * MEBIBYTE);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_at_its_deadline_with_deadline_exceeded() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let session = served.session().await;
        // tonic's server has a timer for the same time.
        for milliseconds in 10..30 {
            let key = json!({ "key": milliseconds.to_string() });
            let mut request = Request::new(tool(&session, "conformance_wait", key));
            request.set_timeout(Duration::from_millis(milliseconds));
            let status = served.client.invoke(request).await.unwrap_err();
            assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_ends_unless_its_live_stream_is_read() {
    in_time(async {
        let limits = Limits {
            session_idle: Duration::from_secs(2),
            max_sessions: 2,
            ..Limits::default()
        };
        let mut served = Served::new(limits).await;
        let session = served.session().await;
        let mut live = served.open(get(&session)).await;
        live.message().await.unwrap();
        let idle = served.session().await;
        // A request would count as use of the session, so wait until its end makes room for another one.
        while served.initialize().await.status == 429 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let ping = |id: &str| harness::request(id, "ping", json!({}));
        let status = served
            .client
            .invoke(ping(&idle))
            .await
            .unwrap()
            .into_inner()
            .status;
        assert_eq!(status, 404);
        let status = served
            .client
            .invoke(ping(&session))
            .await
            .unwrap()
            .into_inner()
            .status;
        assert_eq!(status, 200);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_limited() {
    in_time(async {
        let limits = Limits {
            max_sessions: 2,
            ..Limits::default()
        };
        let mut served = Served::new(limits).await;
        let first = served.session().await;
        served.session().await;
        let refused = served.initialize().await;
        assert_eq!(refused.status, 429);
        assert!(!refused.headers.contains_key("mcp-session-id"));
        let closed = served.client.close_session(get(&first)).await.unwrap();
        assert_eq!(closed.into_inner().status, 204);
        served.session().await;
    })
    .await;
}

#[tokio::test]
async fn dropped_events_cannot_be_replayed() {
    in_time(async {
        let limits = Limits {
            replay_events: 3,
            ..Limits::default()
        };
        let mut served = Served::new(limits).await;
        let session = served.session().await;
        let emit = json!({ "count": 9 });
        let mut stream = served.open(tool(&session, "conformance_events", emit)).await;
        let mut text = Vec::new();
        while let Some(chunk) = stream.message().await.unwrap() {
            text.extend_from_slice(&chunk.data);
        }
        let text = String::from_utf8(text).unwrap();
        let ids: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("id: "))
            .collect();
        let resume = |id: &str| {
            let mut request = get(&session);
            request.headers.insert("last-event-id".to_owned(), id.to_owned());
            let mut client = served.client.clone();
            async move {
                let mut stream = client.invoke_stream(request).await.unwrap().into_inner();
                let mut statuses = Vec::new();
                let mut replayed = Vec::new();
                while let Some(chunk) = stream.message().await.unwrap() {
                    statuses.push(chunk.error_status);
                    replayed.extend_from_slice(&chunk.data);
                }
                let replayed = String::from_utf8(replayed).unwrap();
                (statuses.iter().sum::<i32>(), replayed.matches("data: {").count())
            }
        };
        // The stream has a priming event, the messages and the response. Only the last events are kept.
        assert_eq!(ids.len(), 11);
        assert_eq!(resume(ids[1]).await, (400, 0));
        assert_eq!(resume(ids[7]).await, (0, 3));
        assert_eq!(resume(ids[10]).await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_subscriber_is_notified_after_another_subscriber_closed() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let (first, second) = (served.session().await, served.session().await);
        let uri = json!({ "uri": "test://watched-resource" });
        for session in [&first, &second] {
            served
                .invoke(session, "resources/subscribe", uri.clone())
                .await
                .unwrap();
        }
        served.client.close_session(get(&first)).await.unwrap();
        let mut live = served.open(get(&second)).await;
        live.message().await.unwrap();
        let touched = served
            .client
            .invoke(tool(&second, "conformance_touch", uri))
            .await
            .unwrap();
        assert_eq!(text_of(&touched.into_inner()), "touched");
        let mut text = Vec::new();
        while !String::from_utf8_lossy(&text).contains("notifications/resources/updated") {
            text.extend_from_slice(&live.message().await.unwrap().unwrap().data);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_answers_calls_in_flight_and_removes_the_socket() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let session = served.session().await;
        let mut live = served.open(get(&session)).await;
        live.message().await.unwrap();
        let mut client = served.client.clone();
        let call = tool(&session, "test_tool_with_logging", json!({}));
        let in_flight = tokio::spawn(async move { client.invoke(call).await });
        while served.runtime.calls_in_flight() == 0 {
            tokio::task::yield_now().await;
        }
        served.runtime.stop().await;
        assert_eq!(in_flight.await.unwrap().unwrap().into_inner().status, 200);
        let mut last = None;
        while let Some(chunk) = live.message().await.unwrap() {
            last = Some(chunk.done);
        }
        assert_eq!(last, Some(true));
        assert!(!served.socket_path.exists());
        assert!(connect(&served.socket_path).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_closes_a_connection_that_does_not_drain() {
    in_time(async {
        let _turn = MEMORY.lock().await;
        let mut served = Served::new(Limits::default()).await;
        let session = served.session().await;
        let repeat = json!({ "size": 20 * MEBIBYTE });
        let mut stream = served.open(tool(&session, "conformance_repeat", repeat)).await;
        while stream.message().await.unwrap().unwrap().data.len() < 1000 {}
        // The rest exceeds the flow-control window, and the test does not read it yet.
        served.runtime.stop().await;
        while let Ok(chunk) = stream.message().await {
            assert!(!chunk.unwrap().done, "the server kept running after its shutdown");
        }
    })
    .await;
}

#[tokio::test]
async fn the_path_of_the_socket_can_be_the_authority() {
    in_time(async {
        let served = Served::new(Limits::default()).await;
        let mut client = RawClient::connect(&served.socket_path).await;
        for authority in [
            &b"\x41\x09localhost"[..],
            b"\x40\x0a:authority\x0f%2Ftmp%2Fr.sock",
            b"\x01\x0b/tmp/r.sock",
            b"\x41\x12unix:///tmp/r.sock",
            // %2Ftmp%2Fr.sock in Huffman code.
            b"\x41\x8b\x54\x58\x53\x4d\x6a\x8b\x0d\x8b\xa0\xe4\xeb",
            // The latest entry of the dynamic table, and the first one.
            b"\xbe",
            b"\xc1",
            b"",
        ] {
            let headers = 1;
            assert_eq!(client.health_check(authority).await, headers, "{authority:x?}");
        }
    })
    .await;
}

#[tokio::test]
async fn health_reports_mode_version_and_capabilities() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let health = served
            .client
            .health_check(HealthRequest {})
            .await
            .unwrap()
            .into_inner();
        assert_eq!((health.status.as_str(), health.mode.as_str()), ("ok", "full"));
        assert_eq!(health.version, env!("CARGO_PKG_VERSION"));
        assert_eq!(
            health.capabilities,
            ["stream-head", "stream-post", "resume", "mcp-2026-07-28"]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_ends_subscriptions_and_fails_unanswered_streams() {
    in_time(async {
        let mut served = Served::new(Limits::default()).await;
        let filter = json!({ "notifications": { "toolsListChanged": true } });
        let mut subscription = served.open(modern("subscriptions/listen", filter)).await;
        assert_eq!(subscription.message().await.unwrap().unwrap().status, 200);
        let wait = json!({ "name": "conformance_wait", "arguments": { "key": "k" } });
        let mut waiting = served.open(modern("tools/call", wait)).await;
        waiting.message().await.unwrap();
        served.runtime.stop().await;
        let mut text = Vec::new();
        let mut is_done = false;
        while let Some(chunk) = subscription.message().await.unwrap() {
            text.extend_from_slice(&chunk.data);
            is_done = chunk.done;
        }
        let text = String::from_utf8(text).unwrap();
        let last = text.trim_end().lines().last().unwrap();
        assert!(
            is_done && last.contains(r#""id":1,"result":{"resultType":"complete""#),
            "{last}"
        );
        let failure = waiting.message().await.unwrap_err();
        assert_eq!(failure.code(), Code::Unavailable);
    })
    .await;
}

/// Returns the resident memory of this process.
fn resident_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}
