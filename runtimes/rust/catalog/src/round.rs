//! The rounds of a request that asks its caller for input, in the revisions without sessions. A question is the result
//! of a round, and the caller repeats the request with the answers.

use std::time::Duration;

use rmcp::model::{InputRequests, InputResponses, JsonObject};
use serde_json::Value;

use crate::{
    ToolFailure,
    capabilities::{missing, needed_by},
};

/// A question to the caller.
#[derive(Clone, Debug)]
pub struct Question {
    /// The parts of the question, by the keys of their answers.
    pub requests: InputRequests,
    /// The state for the next round, which the caller can read but not change.
    pub state: Option<Value>,
    /// The lifetime of the state. `None`: that of the server.
    pub lifetime: Option<Duration>,
}

impl Question {
    pub fn new<const N: usize>(requests: [(&str, rmcp::model::InputRequest); N]) -> Self {
        Self {
            requests: requests.map(|(key, request)| (key.to_owned(), request)).into(),
            state: None,
            lifetime: None,
        }
    }

    #[must_use]
    pub fn with_state(mut self, state: Value) -> Self {
        self.state = Some(state);
        self
    }

    /// Returns the capabilities that the question needs and the request does not declare.
    pub fn missing_capabilities(&self, declared: &JsonObject) -> Option<JsonObject> {
        let needed: JsonObject = self.requests.values().flat_map(needed_by).collect();
        missing(&needed, declared)
    }
}

/// One round of a request.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// The capabilities that the request declares.
    pub capabilities: JsonObject,
    /// The state of the previous round.
    pub state: Option<Value>,
    pub answers: InputResponses,
}

impl Round {
    /// Returns whether the request declares a capability.
    pub fn declares(&self, capability: &str) -> bool {
        self.capabilities.contains_key(capability)
    }

    /// Returns a member of the state of the previous round.
    pub fn state_member(&self, name: &str) -> Option<&Value> {
        self.state.as_ref()?.get(name)
    }

    /// Returns whether the user accepted a form.
    ///
    /// # Errors
    /// Returns an error if the user declined or cancelled the form.
    pub fn accepted(&self, key: &str) -> Result<bool, ToolFailure> {
        match self.member(key, "action").and_then(Value::as_str) {
            Some("accept") => Ok(true),
            Some(action @ ("decline" | "cancel")) => {
                Err(ToolFailure::new(format!("The user did not answer: {action}")))
            }
            _ => Ok(false),
        }
    }

    /// Returns the content of an accepted form.
    ///
    /// # Errors
    /// Returns an error if the user declined or cancelled the form.
    pub fn form(&self, key: &str) -> Result<Option<&JsonObject>, ToolFailure> {
        if !self.accepted(key)? {
            return Ok(None);
        }
        Ok(self.member(key, "content").and_then(Value::as_object))
    }

    /// Returns a text of an accepted form.
    ///
    /// # Errors
    /// Returns an error if the user declined or cancelled the form.
    pub fn text(&self, key: &str, property: &str) -> Result<Option<&str>, ToolFailure> {
        Ok(self
            .form(key)?
            .and_then(|form| form.get(property))
            .and_then(Value::as_str))
    }

    /// Returns the content of a message that the caller's model created.
    pub fn message(&self, key: &str) -> Option<&Value> {
        self.member(key, "role").filter(|role| role.is_string())?;
        self.member(key, "content")
    }

    /// Returns the URIs of the caller's roots.
    pub fn roots(&self, key: &str) -> Option<Vec<&str>> {
        let roots = self.member(key, "roots")?.as_array()?;
        Some(
            roots
                .iter()
                .filter_map(|root| root.get("uri")?.as_str())
                .collect(),
        )
    }

    fn member(&self, key: &str, name: &str) -> Option<&Value> {
        self.answers.get(key)?.get(name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn round(answer: Value) -> Round {
        Round {
            answers: [("key".to_owned(), answer)].into(),
            ..Round::default()
        }
    }

    #[test]
    fn an_answer_has_its_kind() {
        let form = round(json!({ "action": "accept", "content": { "name": "Ann" } }));
        assert_eq!(form.text("key", "name"), Ok(Some("Ann")));
        assert_eq!(form.text("other", "name"), Ok(None));
        assert!(form.message("key").is_none() && form.roots("key").is_none());
        let model =
            round(json!({ "role": "assistant", "content": { "type": "text", "text": "a" }, "model": "m" }));
        assert_eq!(model.message("key").unwrap()["text"], "a");
        assert_eq!(model.accepted("key"), Ok(false));
        let roots = round(json!({ "roots": [{ "uri": "file:///a" }] }));
        assert_eq!(roots.roots("key").unwrap(), ["file:///a"]);
    }

    #[test]
    fn a_malformed_answer_is_no_answer() {
        for answer in [json!(12345), json!(null), json!([]), json!("accept"), json!({})] {
            let round = round(answer);
            assert_eq!(round.accepted("key"), Ok(false));
            assert_eq!(round.form("key"), Ok(None));
            assert!(round.message("key").is_none() && round.roots("key").is_none());
        }
    }

    #[test]
    fn a_declined_form_is_a_failure() {
        for action in ["decline", "cancel"] {
            let round = round(json!({ "action": action }));
            assert!(round.accepted("key").is_err() && round.form("key").is_err());
        }
    }
}
