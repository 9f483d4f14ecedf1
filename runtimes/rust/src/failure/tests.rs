use serde_json::json;

use super::*;

#[test]
fn the_modern_form_has_no_null_id_and_no_old_code() {
    let refused = RequestRefused::invalid("a", "b");
    let body = |refused: &RequestRefused| serde_json::from_str::<Value>(&refused.body()).unwrap();
    assert_eq!(body(&refused)["id"], json!(null));
    assert_eq!(body(&refused)["error"]["code"], code::SERVER_ERROR);
    let modern = body(&refused.in_modern_form());
    assert!(modern.get("id").is_none());
    assert_eq!(modern["error"]["code"], code::INVALID_REQUEST);
    let id = serde_json::value::RawValue::from_string("7".to_owned()).unwrap();
    let limited = RequestRefused::new(Category::RateLimited, "a", "b")
        .in_modern_form()
        .answering(MessageId::from_token(&id).as_ref())
        .detail("more", json!([1]));
    assert_eq!(body(&limited)["id"], json!(7));
    assert_eq!(body(&limited)["error"]["code"], code::INTERNAL_ERROR);
    assert_eq!(body(&limited)["error"]["data"]["more"], json!([1]));
}

#[test]
fn a_long_message_is_cut() {
    let long = CallRefused::invalid(format!("a {}", "é".repeat(20_000))).message;
    assert!((900..1100).contains(&long.len()) && long.starts_with("a é"));
    assert_eq!(CallRefused::invalid("short").message, "short");
}
