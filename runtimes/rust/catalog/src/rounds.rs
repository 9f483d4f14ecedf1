//! Protects the state between the rounds of a request.

use std::{fmt, time::Duration};

use rmcp::model::{InputRequiredResult, InputResponses, JsonObject, RequestStateCodec, SealOptions};
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

/// A secret that protects state.
#[derive(Clone, PartialEq, Eq)]
pub struct StateKey(Vec<u8>);

impl StateKey {
    /// The minimum length of a key.
    pub const MIN_BYTES: usize = 32;

    /// Reads a key in hexadecimal. Returns `None` for anything else, and for a key that is too short.
    pub fn from_hexadecimal(text: &str) -> Option<Self> {
        if text.len() % 2 == 1 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).ok();
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(byte).collect();
        bytes.filter(|bytes| bytes.len() >= Self::MIN_BYTES).map(Self)
    }
}

/// Shows nothing of the secret.
impl fmt::Debug for StateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StateKey")
    }
}

/// Seals and opens the state of all requests of a server.
pub struct Rounds {
    codec: RequestStateCodec,
    lifetime: Duration,
}

impl Rounds {
    /// Creates rounds whose state is valid in every process with the same key.
    pub fn new(key: &StateKey, lifetime: Duration) -> Self {
        let codec = RequestStateCodec::new_unchecked(key.0.as_slice());
        Self { codec, lifetime }
    }

    /// Creates rounds with a random key. Their state ends with the process.
    ///
    /// # Panics
    /// Panics if the operating system has no random bytes.
    pub fn with_random_key(lifetime: Duration) -> Self {
        let mut key = vec![0; StateKey::MIN_BYTES];
        getrandom::fill(&mut key).expect("the operating system supplies random bytes");
        Self::new(&StateKey(key), lifetime)
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
            .ttl(question.lifetime.unwrap_or(self.lifetime));
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
        let key = StateKey::from_hexadecimal(&"0a".repeat(32)).unwrap();
        let rounds = || Rounds::new(&key, STATE_LIFETIME);
        let state = sealed(&rounds());
        assert_eq!(open(&rounds(), &binding(), &state), Some(json!({ "step": 1 })));
        for invalid in ["0a".repeat(31), "0".repeat(65), "0g".repeat(32), "é".repeat(32)] {
            assert_eq!(StateKey::from_hexadecimal(&invalid), None, "{invalid}");
        }
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
