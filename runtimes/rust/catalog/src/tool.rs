//! Tools and their arguments.

use std::{future::Future, pin::Pin};

use jsonschema::Validator;
use rmcp::model::{self, CallToolResult, ContentBlock, JsonObject};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{Era, Question, Refused, ToolContext, ToolFailure, capabilities::missing};

/// The reply of a tool, or the failure of the tool.
pub type ToolResult = Result<Reply, ToolFailure>;

/// The reply of a tool.
#[derive(Clone, Debug)]
pub enum Reply {
    Content(Vec<ContentBlock>),
    /// The tool needs input from the caller before it can continue, in the revisions without sessions.
    Question(Question),
}

/// The outcome of a tool call.
#[derive(Clone, Debug)]
pub enum Outcome {
    Result(CallToolResult),
    Question(Question),
}

type Running = Pin<Box<dyn Future<Output = ToolResult> + Send>>;

/// A tool: its definition in `tools/list`, and its implementation.
pub struct Tool {
    pub definition: model::Tool,
    /// The only era that serves the tool. `None`: both eras serve it.
    era: Option<Era>,
    /// The capabilities that a request for the tool must declare.
    required: JsonObject,
    arguments: Validator,
    run: Box<dyn Fn(JsonObject, ToolContext) -> Running + Send + Sync>,
}

impl Tool {
    /// Creates a tool with typed arguments. Each call validates its arguments with the schema.
    ///
    /// # Panics
    /// Panics if the schema is invalid.
    pub fn new<Arguments, Run, Work>(
        name: &'static str,
        description: &'static str,
        schema: Value,
        run: Run,
    ) -> Self
    where
        Arguments: DeserializeOwned,
        Run: Fn(Arguments, ToolContext) -> Work + Send + Sync + 'static,
        Work: Future<Output = ToolResult> + Send + 'static,
    {
        let arguments = jsonschema::validator_for(&schema).expect("the input schema is valid");
        let Value::Object(schema) = schema else {
            unreachable!("input schemas are objects");
        };
        Self {
            definition: model::Tool::new(name, description, schema),
            era: None,
            required: JsonObject::new(),
            arguments,
            run: Box::new(
                move |given, context| match serde_json::from_value(Value::Object(given)) {
                    Ok(given) => Box::pin(run(given, context)),
                    Err(_) => Box::pin(std::future::ready(Err(invalid_arguments(
                        name,
                        "an argument does not match the input schema",
                    )))),
                },
            ),
        }
    }

    /// Lets only one era serve the tool.
    #[must_use]
    pub(crate) fn only_in(mut self, era: Era) -> Self {
        self.era = Some(era);
        self
    }

    /// Makes requests for the tool declare a capability, in the revisions without sessions.
    #[must_use]
    pub(crate) fn requiring(mut self, capability: &str) -> Self {
        self.required.insert(capability.to_owned(), json!({}));
        self
    }

    /// Returns whether an era serves the tool.
    pub fn is_in(&self, era: Era) -> bool {
        self.era.is_none_or(|only| only == era)
    }

    /// Checks that a request declares the capabilities that the tool requires.
    ///
    /// # Errors
    /// Returns an error if a capability is missing.
    pub fn check_capabilities(&self, declared: &JsonObject) -> Result<(), Refused> {
        missing(&self.required, declared).map_or(Ok(()), |missing| Err(Refused::MissingCapabilities(missing)))
    }

    /// Runs the tool. If the arguments do not match the tool's schema, the call fails.
    pub async fn call(&self, arguments: JsonObject, context: ToolContext) -> Outcome {
        let arguments = Value::Object(arguments);
        let result = match (self.mismatch(&arguments), arguments) {
            (None, Value::Object(arguments)) => (self.run)(arguments, context).await,
            (mismatch, _) => Err(mismatch.unwrap_or_else(|| ToolFailure::new("The tool failed"))),
        };
        // The constructors of the SDK would add `isError: false` to a success.
        let mut call = CallToolResult::default();
        match result {
            Ok(Reply::Question(question)) => return Outcome::Question(question),
            Ok(Reply::Content(content)) => call.content = content,
            Err(failure) => {
                call.content = vec![ContentBlock::text(failure.to_string())];
                call.is_error = Some(true);
            }
        }
        Outcome::Result(call)
    }

    fn mismatch(&self, arguments: &Value) -> Option<ToolFailure> {
        let error = self.arguments.validate(arguments).err()?;
        let place = error.instance_path().to_string();
        let place = match place.strip_prefix('/') {
            Some(place) if place.len() <= 100 => place,
            _ => "an argument",
        };
        Some(invalid_arguments(
            &self.definition.name,
            format!("{place} does not match the input schema"),
        ))
    }
}

fn invalid_arguments(tool: &str, reason: impl std::fmt::Display) -> ToolFailure {
    ToolFailure::new(format!("Invalid arguments for {tool}: {reason}"))
}

/// Returns an input schema: an object with these properties and no others.
pub fn object_schema(properties: Value, required: &[&str]) -> Value {
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema["additionalProperties"] = json!(false);
    schema
}

/// An empty set of arguments.
#[derive(Deserialize)]
pub struct NoArguments {}

/// Returns the input schema of a tool that accepts no arguments.
pub fn no_arguments() -> Value {
    object_schema(json!({}), &[])
}

/// Deserializes a whole number. Accepts a zero fraction such as `5.0`, like JSON Schema.
pub fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    // A float with a zero fraction prints as an integer. Adding zero turns -0.0 into 0.0.
    let from_float = || (number.as_f64()? + 0.0).to_string().parse().ok();
    number
        .as_u64()
        .and_then(|value| value.try_into().ok())
        .or_else(from_float)
        .ok_or_else(|| serde::de::Error::custom("not a whole number"))
}

/// Returns a result with one text block.
pub fn text(text: impl Into<String>) -> ToolResult {
    content(vec![ContentBlock::text(text)])
}

/// Returns a result with content blocks.
pub fn content(blocks: Vec<ContentBlock>) -> ToolResult {
    Ok(Reply::Content(blocks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(schema: Value) -> Tool {
        Tool::new("a_tool", "", schema, |_: Value, _| async { text("") })
    }

    #[test]
    fn a_failure_names_the_invalid_argument() {
        let size = json!({ "size": { "type": "integer", "minimum": 0 } });
        let tool = tool(object_schema(size, &["size"]));
        assert_eq!(tool.mismatch(&json!({ "size": 1 })), None);
        assert_eq!(tool.mismatch(&json!({ "size": 1.0 })), None);
        let mismatch = |arguments| tool.mismatch(&arguments).unwrap().to_string();
        assert_eq!(
            mismatch(json!({ "size": -1 })),
            "Invalid arguments for a_tool: size does not match the input schema"
        );
        for arguments in [json!({}), json!({ "size": 1, "more": 2 })] {
            assert!(mismatch(arguments).starts_with("Invalid arguments for a_tool: "));
        }
    }

    #[test]
    fn whole_numbers_may_have_a_zero_fraction() {
        #[derive(Deserialize)]
        struct Sized {
            #[serde(deserialize_with = "whole_number")]
            size: usize,
        }
        let size = |json| serde_json::from_str::<Sized>(json).ok().map(|read| read.size);
        assert_eq!(size(r#"{"size":7}"#), Some(7));
        assert_eq!(size(r#"{"size":7.0}"#), Some(7));
        assert_eq!(size(r#"{"size":-0.0}"#), Some(0));
        assert_eq!(size(r#"{"size":1e3}"#), Some(1000));
        assert_eq!(size(r#"{"size":1e300}"#), None);
        assert_eq!(size(r#"{"size":7.5}"#), None);
        assert_eq!(size(r#"{"size":-7}"#), None);
    }
}
