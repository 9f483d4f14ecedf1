//! Tools and their arguments.

use std::{future::Future, pin::Pin};

use jsonschema::Validator;
use rmcp::model::{self, CallToolResult, ContentBlock, JsonObject};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{ToolContext, ToolFailure};

/// The content that a tool returns, or the failure of the tool.
pub type ToolResult = Result<Vec<ContentBlock>, ToolFailure>;

type Running = Pin<Box<dyn Future<Output = ToolResult> + Send>>;

/// A tool: its definition in `tools/list`, and its implementation.
pub struct Tool {
    pub definition: model::Tool,
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

    /// Runs the tool. If the arguments do not match the tool's schema, the call fails.
    pub async fn call(&self, arguments: JsonObject, context: ToolContext) -> CallToolResult {
        let arguments = Value::Object(arguments);
        let result = match (self.mismatch(&arguments), arguments) {
            (None, Value::Object(arguments)) => (self.run)(arguments, context).await,
            (mismatch, _) => Err(mismatch.unwrap_or_else(|| ToolFailure::new("The tool failed"))),
        };
        // The constructors of the SDK would add `isError: false` to a success.
        let mut call = CallToolResult::default();
        match result {
            Ok(content) => call.content = content,
            Err(failure) => {
                call.content = vec![ContentBlock::text(failure.to_string())];
                call.is_error = Some(true);
            }
        }
        call
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
    Ok(vec![ContentBlock::text(text)])
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
