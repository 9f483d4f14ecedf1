use super::*;

#[tokio::test]
async fn a_call_is_checked_from_the_path_to_the_session() {
    let limits = Limits {
        max_body_bytes: 200,
        ..Limits::default()
    };
    let service = service(limits);
    let mut call = with_header(
        message("unknown", &json!("x".repeat(300))),
        "mcp-protocol-version",
        "1999-01-01",
    );
    call.path = "/other".to_owned();
    call.auth_context = Some(McpAuthContext::default());
    assert_eq!(
        refused(invoke(&service, call.clone()).await),
        (404, "no_such_path")
    );
    call.path = "/mcp".to_owned();
    assert_eq!(
        refused(invoke(&service, call.clone()).await),
        (401, "auth_context_unreadable")
    );
    call.auth_context = None;
    assert_eq!(
        refused(invoke(&service, call.clone()).await),
        (404, "session_not_found")
    );
    call.session_id = String::new();
    assert_eq!(
        refused(invoke(&service, call.clone()).await),
        (413, "body_too_large")
    );
    call.body = "{".into();
    assert_eq!(
        refused(invoke(&service, call.clone()).await),
        (400, "parse_error")
    );
    call.body = "[]".into();
    assert_eq!(
        refused(invoke(&service, call.clone()).await),
        (400, "invalid_request")
    );
    call.body = r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#.into();
    let refusal = invoke(&service, call.clone()).await;
    let Err(Refusal::Request(request)) = &refusal else {
        panic!("not refused")
    };
    assert!(request.body().contains(r#""id":7"#));
    assert_eq!(refused(refusal), (400, "protocol_version_not_served"));
    call.headers.clear();
    assert_eq!(refused(invoke(&service, call).await), (400, "session_required"));
}

#[tokio::test]
async fn a_session_admits_only_its_owner_in_its_scope() {
    let service = service(Limits::default());
    let answer = invoke(&service, with_email(initialize(), "ann@example.com"))
        .await
        .unwrap();
    let session = &answer.headers["mcp-session-id"];
    let ping = || request(session, "ping", &json!({}));
    assert_eq!(refused(invoke(&service, ping()).await), (403, "not_the_owner"));
    let other = with_email(ping(), "bob@example.com");
    assert_eq!(refused(invoke(&service, other).await), (403, "not_the_owner"));
    let mut scoped = with_email(ping(), "ann@example.com");
    assert_eq!(invoke(&service, scoped.clone()).await.unwrap().status, 200);
    scoped.server_id = "another".to_owned();
    assert_eq!(refused(invoke(&service, scoped).await), (403, "other_scope"));
}

#[tokio::test]
async fn anonymous_callers_can_be_refused() {
    let service = service_with(Limits::default(), AnonymousPolicy::Refuse);
    assert_eq!(
        refused(invoke(&service, initialize()).await),
        (401, "identity_required")
    );
    let known = with_email(initialize(), "ann@example.com");
    assert_eq!(invoke(&service, known).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_session_is_initialized_once() {
    let service = service(Limits::default());
    let mut again = initialize();
    again.session_id = new_session(&service).await;
    assert_eq!(
        refused(invoke(&service, again).await),
        (400, "already_initialized")
    );
}

#[tokio::test]
async fn sessions_and_requests_are_limited() {
    let limits = Limits {
        max_sessions: 1,
        max_requests_per_session: 2,
        ..Limits::default()
    };
    let service = service(limits);
    let session = new_session(&service).await;
    assert_eq!(
        refused(invoke(&service, initialize()).await),
        (429, "too_many_sessions_of_caller")
    );
    let first = waiting(&service, &session).await;
    let second = tokio::spawn({
        let (service, call) = (
            service.clone(),
            tool(&session, "conformance_wait", &json!({ "key": "l" })),
        );
        async move { invoke(&service, call).await }
    });
    let in_flight = || service.sessions.all()[0].connection.in_flight();
    while in_flight() < 2 {
        tokio::task::yield_now().await;
    }
    let ping = request(&session, "ping", &json!({}));
    assert_eq!(refused(invoke(&service, ping).await), (429, "too_many_requests"));
    first.abort();
    second.abort();
}
