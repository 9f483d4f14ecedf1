//! The capabilities that a request of a revision without sessions declares.

use rmcp::model::{InputRequest, JsonObject};
use serde_json::{Value, json};

/// Returns the required capabilities that a request does not declare, or `None` if it declares all of them.
pub fn missing(required: &JsonObject, declared: &JsonObject) -> Option<JsonObject> {
    let absent = required
        .iter()
        .filter_map(|(name, members)| {
            let absent = match declared.get(name) {
                Some(given) => missing_members(name, members, given)?,
                None => members.clone(),
            };
            Some((name.clone(), absent))
        })
        .collect::<JsonObject>();
    Some(absent).filter(|absent| !absent.is_empty())
}

fn missing_members(name: &str, required: &Value, given: &Value) -> Option<Value> {
    let (required, given) = (required.as_object()?, given.as_object()?);
    // Without a mode, the capability `elicitation` means forms, as it did before the modes existed.
    let means_forms = name == "elicitation" && !given.contains_key("form") && !given.contains_key("url");
    let has = |member: &str| given.contains_key(member) || means_forms && member == "form";
    let absent = required
        .iter()
        .filter(|(member, _)| !has(member))
        .map(|(member, value)| (member.clone(), value.clone()))
        .collect::<JsonObject>();
    Some(Value::Object(absent)).filter(|absent| absent != &json!({}))
}

/// Returns the capabilities that a question to the caller needs.
pub fn needed_by(request: &InputRequest) -> JsonObject {
    let (name, members) = match request {
        InputRequest::Elicitation(_) => ("elicitation", json!({ "form": {} })),
        InputRequest::CreateMessage(_) => ("sampling", json!({})),
        _ => ("roots", json!({})),
    };
    JsonObject::from_iter([(name.to_owned(), members)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing_of(required: Value, declared: Value) -> Option<Value> {
        let object = |value: Value| value.as_object().cloned().unwrap();
        missing(&object(required), &object(declared)).map(Value::Object)
    }

    #[test]
    fn only_undeclared_capabilities_are_missing() {
        let sampling = || json!({ "sampling": {} });
        assert_eq!(missing_of(sampling(), sampling()), None);
        assert_eq!(missing_of(sampling(), json!({ "roots": {} })), Some(sampling()));
        let two = json!({ "sampling": {}, "roots": {} });
        assert_eq!(missing_of(two, json!({ "roots": {} })), Some(sampling()));
    }

    #[test]
    fn a_capability_without_modes_means_forms() {
        let form = || json!({ "elicitation": { "form": {} } });
        assert_eq!(missing_of(form(), json!({ "elicitation": {} })), None);
        assert_eq!(missing_of(form(), form()), None);
        let only_url = json!({ "elicitation": { "url": {} } });
        assert_eq!(missing_of(form(), only_url), Some(form()));
    }
}
