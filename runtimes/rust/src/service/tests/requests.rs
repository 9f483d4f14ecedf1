use super::*;

#[tokio::test]
async fn a_failed_handshake_opens_no_session() {
    let service = service(Limits::default());
    let answer = invoke(&service, request("", "initialize", &json!({})))
        .await
        .unwrap();
    assert_eq!(json_of(&answer)["error"]["code"], code::INVALID_PARAMS);
    assert!(!answer.headers.contains_key("mcp-session-id"));
    let stream = open_events(&service, request("", "initialize", &json!({}))).await;
    assert!(!stream.headers.contains_key("mcp-session-id"));
    assert_eq!(ids(&read_to_end(&stream).await).len(), 1);
    assert!(service.sessions.all().is_empty());
}

#[tokio::test]
async fn messages_before_the_response_make_the_answer_a_stream() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let answer = invoke(
        &service,
        tool(&session, "conformance_events", &json!({ "count": 2 })),
    )
    .await
    .unwrap();
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert_eq!(ids(&text).len(), 3);
    assert!(text.contains(r#""data":{"n":1}"#) && text.contains("emitted 2"));
}

#[tokio::test]
async fn an_answer_is_limited_in_size() {
    let limits = Limits {
        collected_bytes: 1000,
        ..Limits::default()
    };
    let service = service(limits);
    let session = new_session(&service).await;
    let call = tool(&session, "conformance_events", &json!({ "count": 100 }));
    match invoke(&service, call).await {
        Err(Refusal::Call(refused)) => assert_eq!(refused.category, Category::RateLimited),
        _ => panic!("not refused on the gRPC layer"),
    }
}

#[tokio::test]
async fn a_message_that_is_not_a_request_is_accepted() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let note = || {
        message(
            &session,
            &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        )
    };
    assert_eq!(invoke(&service, note()).await.unwrap().status, 202);
    assert!(matches!(
        open(&service, note()).await,
        Ok(StreamAnswer::Accepted(202))
    ));
}

#[tokio::test]
async fn a_cancelled_request_is_answered_with_an_error() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let waiting = waiting(&service, &session).await;
    let params = json!({ "requestId": 7 });
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
    assert_eq!(
        invoke(&service, message(&session, &cancel)).await.unwrap().status,
        202
    );
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!(json_of(&answer)["error"]["code"], code::REQUEST_CANCELLED);
}

#[tokio::test]
async fn a_dropped_call_cancels_its_request() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let waiting = waiting(&service, &session).await;
    waiting.abort();
    assert!(waiting.await.is_err());
    assert_eq!(state_of_wait(&service, &session).await, "cancelled");
}

#[tokio::test]
async fn closing_a_session_ends_its_requests_and_streams() {
    let service = service(Limits::default());
    let session = new_session(&service).await;
    let live = open_events(&service, without_body(&session)).await;
    let waiting = waiting(&service, &session).await;
    let close = || Call::read(&[Method::Delete], without_body(&session)).unwrap();
    assert_eq!(service.close_session(close()).unwrap().status, 204);
    assert_eq!(refused(waiting.await.unwrap()), (404, "session_closed"));
    read_to_end(&live).await;
    let again = service.close_session(close()).map_err(Refusal::from);
    assert_eq!(refused(again), (404, "session_not_found"));
}
