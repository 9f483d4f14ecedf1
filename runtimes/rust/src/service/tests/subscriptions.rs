use super::*;

/// Subscribes, or ends a subscription, and returns the code of the error, or 0.
async fn carry_out(service: &McpService, session: &str, method: &str, uri: &str) -> i64 {
    let answer = invoke(service, request(session, method, &json!({ "uri": uri })))
        .await
        .unwrap();
    json_of(&answer)["error"]["code"].as_i64().unwrap_or_default()
}

fn uri(id: &str) -> String {
    format!("test://template/{id}/data")
}

const REFUSED: i64 = code::SERVER_ERROR as i64;

#[tokio::test]
async fn only_open_subscriptions_of_a_caller_count() {
    let service = service(Limits {
        max_subscriptions: 2,
        max_subscriptions_in_total: 3,
        ..Limits::default()
    });
    let (first, second) = (new_session(&service).await, new_session(&service).await);
    let subscribe =
        async |session: &str, id: &str| carry_out(&service, session, "resources/subscribe", &uri(id)).await;
    for id in ["a", "a", "b"] {
        assert_eq!(subscribe(&first, id).await, 0);
    }
    assert_eq!(subscribe(&first, "c").await, REFUSED);
    assert_eq!(subscribe(&second, "a").await, 0);
    assert_eq!(subscribe(&second, "b").await, REFUSED);
    for _ in 0..2 {
        assert_eq!(
            carry_out(&service, &first, "resources/unsubscribe", &uri("a")).await,
            0
        );
    }
    assert_eq!(subscribe(&second, "b").await, 0);
    let session = service.sessions.find(&first).unwrap();
    service.sessions.end(&session);
    let third = new_session(&service).await;
    assert_eq!(subscribe(&third, "a").await, 0);
}

#[tokio::test]
async fn the_uri_of_a_subscription_is_limited_in_length() {
    let service = service(Limits {
        max_subscribed_uri_bytes: 100,
        ..Limits::default()
    });
    let session = new_session(&service).await;
    for (length, error) in [(10, 0), (100, i64::from(code::INVALID_PARAMS))] {
        let uri = uri(&"x".repeat(length));
        assert_eq!(
            carry_out(&service, &session, "resources/subscribe", &uri).await,
            error
        );
    }
}
