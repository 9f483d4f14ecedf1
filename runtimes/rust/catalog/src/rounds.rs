//! Protects the state between the rounds of a request.

use std::time::Duration;

use rmcp::model::{
    InputRequiredResult, InputResponses, JsonObject, RequestStateCodec, RequestStateError, SealOptions,
};
use serde_json::{Value, json};

use crate::{CallScope, Question, Refused, Round};

/// The default lifetime of state.
pub const STATE_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// The request that state is bound to: its caller, its virtual server, its method and its params. State is invalid in
/// any other request and for any other caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding(String);

impl Binding {
    /// Creates the binding of a request. `params` are the params that all rounds of the request have in common.
    pub fn new(scope: &CallScope, method: &str, params: Value) -> Self {
        let mut binding = json!([scope.owner, scope.server_id, method, params]);
        // The order of members has no meaning.
        binding.sort_all_objects();
        Self(binding.to_string())
    }
}

/// Seals and opens the state of all requests of a server.
pub struct Rounds {
    codec: RequestStateCodec,
    lifetime: Duration,
}

impl Rounds {
    /// Creates rounds whose state is valid in every process with the same key.
    ///
    /// # Errors
    /// Returns an error if the key has fewer than 32 bytes.
    pub fn new(key: &[u8], lifetime: Duration) -> Result<Self, RequestStateError> {
        let codec = RequestStateCodec::try_new(key)?;
        Ok(Self { codec, lifetime })
    }

    /// Creates rounds with a random key. Their state ends with the process.
    ///
    /// # Panics
    /// Panics if the operating system has no random bytes, or if the key is too short.
    pub fn with_random_key(lifetime: Duration) -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the operating system supplies random bytes");
        Self::new(&key, lifetime).expect("the key has 32 bytes")
    }

    /// Begins a round of a request.
    ///
    /// # Errors
    /// Returns an error if the state was altered, has expired or belongs to another request.
    pub fn begin(
        &self,
        binding: &Binding,
        capabilities: JsonObject,
        (answers, state): (Option<InputResponses>, Option<&str>),
    ) -> Result<Round, Refused> {
        let open = |sealed| self.codec.open_json_with(sealed, binding.0.as_bytes());
        let state = state
            .map(open)
            .transpose()
            .map_err(|_| Refused::invalid("requestState: is invalid or has expired"))?;
        Ok(Round {
            capabilities,
            state,
            answers: answers.unwrap_or_default(),
        })
    }

    /// Returns the result that asks the caller a question.
    ///
    /// # Errors
    /// Returns an error if the request does not declare a capability that the question needs.
    pub fn ask(
        &self,
        binding: &Binding,
        declared: &JsonObject,
        question: Question,
    ) -> Result<InputRequiredResult, Refused> {
        if let Some(missing) = question.missing_capabilities(declared) {
            return Err(Refused::MissingCapabilities(missing));
        }
        let options = SealOptions::new()
            .associated_data(binding.0.as_bytes())
            .ttl(self.lifetime);
        let seal = |state: Value| self.codec.seal_with(state.to_string().as_bytes(), &options);
        Ok(InputRequiredResult::new(
            Some(question.requests),
            question.state.map(seal),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Claims;

    fn scope(owner: &str, server_id: &str) -> CallScope {
        CallScope {
            claims: Claims::default(),
            server_id: server_id.to_owned(),
            owner: owner.to_owned(),
        }
    }

    fn params() -> Value {
        json!({ "name": "a", "arguments": { "x": 1, "y": { "a": [], "b": 2 } } })
    }

    fn binding() -> Binding {
        Binding::new(&scope("ann", ""), "tools/call", params())
    }

    fn sealed(rounds: &Rounds) -> String {
        let question = Question::new([]).with_state(json!({ "step": 1 }));
        let result = rounds.ask(&binding(), &JsonObject::new(), question).unwrap();
        result.request_state.unwrap()
    }

    fn open(rounds: &Rounds, binding: &Binding, state: &str) -> Option<Value> {
        rounds
            .begin(binding, JsonObject::new(), (None, Some(state)))
            .ok()?
            .state
    }

    #[test]
    fn a_binding_names_the_caller_and_the_request() {
        let arguments = json!({ "y": { "b": 2, "a": [] }, "x": 1 });
        let same = json!({ "arguments": arguments, "name": "a" });
        assert_eq!(Binding::new(&scope("ann", ""), "tools/call", same), binding());
        for other in [
            Binding::new(&scope("bob", ""), "tools/call", params()),
            Binding::new(&scope("ann", "one"), "tools/call", params()),
            Binding::new(&scope("ann", ""), "prompts/get", params()),
            Binding::new(&scope("ann", ""), "tools/call", json!({ "name": "a" })),
        ] {
            assert_ne!(other, binding());
        }
    }

    #[test]
    fn state_opens_in_every_process_with_the_key() {
        let rounds = || Rounds::new(&[7; 32], STATE_LIFETIME).unwrap();
        let state = sealed(&rounds());
        assert_eq!(open(&rounds(), &binding(), &state), Some(json!({ "step": 1 })));
        assert!(Rounds::new(&[7; 31], STATE_LIFETIME).is_err());
    }

    #[test]
    fn altered_state_is_refused() {
        let rounds = Rounds::with_random_key(STATE_LIFETIME);
        let state = sealed(&rounds);
        for at in 0..state.len() {
            for bit in 0..7 {
                let mut bytes = state.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let altered = String::from_utf8(bytes).unwrap();
                assert_eq!(open(&rounds, &binding(), &altered), None, "{altered}");
            }
            assert_eq!(open(&rounds, &binding(), &state[..at]), None);
        }
        assert_eq!(open(&rounds, &binding(), &format!("{state}x")), None);
    }

    #[test]
    fn state_of_another_request_or_key_or_time_is_refused() {
        let rounds = Rounds::with_random_key(STATE_LIFETIME);
        let other = Binding::new(&scope("bob", ""), "tools/call", params());
        assert_eq!(open(&rounds, &other, &sealed(&rounds)), None);
        let foreign = Rounds::with_random_key(STATE_LIFETIME);
        assert_eq!(open(&rounds, &binding(), &sealed(&foreign)), None);
        let brief = Rounds::with_random_key(Duration::ZERO);
        let expired = sealed(&brief);
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        while open(&brief, &binding(), &expired).is_some() {
            assert!(std::time::Instant::now() < deadline, "the state does not expire");
        }
    }
}
