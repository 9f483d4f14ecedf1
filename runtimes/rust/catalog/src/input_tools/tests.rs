use super::*;

fn round(state: Value, answers: Value) -> Round {
    Round {
        state: Some(state),
        answers: serde_json::from_value(answers).unwrap(),
        ..Round::default()
    }
}

fn question(result: ToolResult) -> Question {
    match result {
        Ok(Reply::Question(question)) => question,
        other => panic!("no question: {other:?}"),
    }
}

fn answer(result: ToolResult) -> String {
    match result {
        Ok(Reply::Content(content)) => content[0].as_text().unwrap().text.clone(),
        other => panic!("no content: {other:?}"),
    }
}

#[test]
fn a_question_has_the_shape_of_mcp() {
    let asked = question(ask_for_all(&Round::default()));
    assert_eq!(
        serde_json::to_value(&asked.requests).unwrap(),
        json!({
            "client_roots": { "method": "roots/list" },
            "greeting": {
                "method": "sampling/createMessage",
                "params": {
                    "messages": [{ "role": "user", "content": { "type": "text", "text": "Write a greeting" } }],
                    "maxTokens": 100
                }
            },
            "user_name": {
                "method": "elicitation/create",
                "params": {
                    "mode": "form",
                    "message": "What is your name?",
                    "requestedSchema": {
                        "type": "object",
                        "properties": { "name": { "type": "string" } },
                        "required": ["name"]
                    }
                }
            }
        })
    );
}

#[test]
fn rounds_follow_each_other() {
    let first = question(ask_twice(&Round::default()));
    let name = json!({ "step1": { "action": "accept", "content": { "name": "Ann" } } });
    let second = question(ask_twice(&round(first.state.unwrap(), name.clone())));
    assert!(second.requests.contains_key("step2"));
    let colour = json!({ "step2": { "action": "accept", "content": { "colour": "red" } } });
    let last = ask_twice(&round(second.state.unwrap(), colour));
    assert_eq!(answer(last), r#"Ann: {"colour":"red"}"#);
    let declined = json!({ "step1": { "action": "decline" } });
    assert!(ask_twice(&round(json!({}), declined)).is_err());
    // Without its state, an answer does not count.
    let without_state = question(ask_twice(&round(json!({}), name)));
    assert!(without_state.requests.contains_key("step1"));
}

#[test]
fn a_confirmation_needs_its_state() {
    let confirm = |state, answers| confirm(&round(state, answers), "done", None);
    let accepted = || json!({ "confirm": { "action": "accept", "content": { "ok": "yes" } } });
    assert_eq!(answer(confirm(json!({ "step": "confirm" }), accepted())), "done");
    question(confirm(json!({}), accepted()));
    assert!(confirm(json!({}), json!({ "confirm": { "action": "decline" } })).is_err());
}

#[test]
fn only_declared_means_are_used() {
    let with = |capabilities: Value| Round {
        capabilities: capabilities.as_object().cloned().unwrap(),
        ..Round::default()
    };
    let asked = question(ask_by_declared_means(&with(json!({ "sampling": {} }))));
    assert_eq!(asked.requests.keys().collect::<Vec<_>>(), ["model"]);
    let asked = question(ask_by_declared_means(&with(json!({ "elicitation": {} }))));
    assert_eq!(asked.requests.keys().collect::<Vec<_>>(), ["user"]);
    answer(ask_by_declared_means(&with(json!({}))));
}
