use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_handshake_can_be_a_stream_with_one_event() {
    let service = service(Limits::default());
    let stream = open_events(&service, initialize()).await;
    let session = stream.headers["mcp-session-id"].clone();
    let text = read_to_end(&stream).await;
    assert!(text.contains(r#""protocolVersion":"2025-11-25""#));
    // A call can resume after the event, and no further event follows.
    let resume = with_header(without_body(&session), "last-event-id", ids(&text)[0]);
    let resumed = open_events(&service, resume).await;
    assert_eq!(read_to_end(&resumed).await, "");
}

#[tokio::test]
async fn a_streamed_answer_has_the_messages_and_the_response() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let stream = open_events(
        &service,
        tool(&session, "conformance_events", &json!({ "count": 2 })),
    )
    .await;
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    let text = read_to_end(&stream).await;
    // A priming event comes first.
    assert_eq!(ids(&text).len(), 4);
    assert!(text.contains("emitted 2"));
}

#[tokio::test]
async fn dropping_a_stream_early_cancels_its_request() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let stream = open_events(
        &service,
        tool(&session, "conformance_wait", &json!({ "key": "k" })),
    )
    .await;
    while state_of_wait(&service, &session).await != "running" {
        tokio::task::yield_now().await;
    }
    drop(stream);
    assert_eq!(state_of_wait(&service, &session).await, "cancelled");
}

#[tokio::test]
async fn a_request_outlives_a_suspended_stream() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let stream = open_events(&service, tool(&session, "test_reconnection", &json!({}))).await;
    let text = read_to_end(&stream).await;
    drop(stream);
    let last = ids(&text).pop().unwrap();
    let resume = with_header(without_body(&session), "last-event-id", last);
    let resumed = open_events(&service, resume).await;
    assert!(
        read_to_end(&resumed)
            .await
            .contains("Reconnection test completed")
    );
}

#[tokio::test]
async fn one_call_at_a_time_reads_a_stream() {
    let limits = Limits {
        takeover: Duration::from_millis(1),
        ..Limits::default()
    };
    let service = service(limits);
    let session = new_session(&service).await;
    let live = open_events(&service, without_body(&session)).await;
    let second = open(&service, without_body(&session)).await;
    assert_eq!(refused(second), (409, "stream_is_open"));
    drop(live);
    open_events(&service, without_body(&session)).await;
    let unknown = with_header(without_body(&session), "last-event-id", "unknown");
    assert_eq!(refused(open(&service, unknown).await), (400, "unknown_event_id"));
}
