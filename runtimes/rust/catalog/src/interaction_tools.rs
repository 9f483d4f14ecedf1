//! The tools of the official MCP conformance scenarios that interact with the caller.
#![allow(deprecated, reason = "the supported revisions have sampling")]

use std::time::Duration;

use rmcp::model::{
    CreateMessageRequestParams, ElicitRequestParams, ElicitResult, ElicitationSchema, SamplingMessage,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::tool::{NoArguments, Tool, ToolResult, no_arguments, object_schema, text};
use crate::{Era, LogMessage, LogTarget, ToolContext, ToolFailure};

const STEP: Duration = Duration::from_millis(50);
const RETRY_MS: u32 = 500;

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

/// Returns the tools. Without sessions, a server only reports progress while it runs, and asks with its result
/// (`input_tools`).
pub fn tools() -> Vec<Tool> {
    let tools = interactive_tools().into_iter();
    tools
        .map(|tool| match &*tool.definition.name {
            "test_tool_with_progress" => tool,
            _ => tool.only_in(Era::Legacy),
        })
        .collect()
}

fn interactive_tools() -> Vec<Tool> {
    vec![
        Tool::new(
            "test_tool_with_logging",
            "Sends three log messages, 50 ms apart",
            no_arguments(),
            |_: NoArguments, context| log_in_steps(context),
        ),
        Tool::new(
            "test_tool_with_progress",
            "Reports progress 0, 50 and 100 of 100, 50 ms apart",
            no_arguments(),
            |_: NoArguments, context| progress_in_steps(context),
        ),
        Tool::new(
            "test_sampling",
            "Asks the caller's model for a message",
            object_schema(
                json!({ "prompt": { "type": "string", "description": "The prompt for the model" } }),
                &["prompt"],
            ),
            |Prompt { prompt }, context| sample(prompt, context),
        ),
        Tool::new(
            "test_elicitation",
            "Asks the caller's user for a text",
            object_schema(
                json!({ "message": { "type": "string", "description": "The message for the user" } }),
                &["message"],
            ),
            |Message { message }, context| ask(message, context),
        ),
        form_tool(
            "test_elicitation_sep1034_defaults",
            "Asks the caller's user to fill in a form with default values (SEP-1034)",
            "Please review and update the form fields with defaults",
            defaults,
        ),
        form_tool(
            "test_elicitation_sep1330_enums",
            "Asks the caller's user to fill in a form with each kind of enumeration (SEP-1330)",
            "Please select options from the enum fields",
            enums,
        ),
        Tool::new(
            "test_reconnection",
            "Closes its stream while it runs, so that the caller has to resume it (SEP-1699)",
            no_arguments(),
            |_: NoArguments, context: ToolContext| async move {
                context.suspend_stream(RETRY_MS);
                sleep(2 * STEP).await;
                text("Reconnection test completed successfully.")
            },
        ),
    ]
}

async fn log_in_steps(context: ToolContext) -> ToolResult {
    let log = |data: &str| context.log(LogTarget::Request, LogMessage::info(json!(data)));
    log("Tool execution started").await?;
    sleep(STEP).await;
    log("Tool processing data").await?;
    sleep(STEP).await;
    log("Tool execution completed").await?;
    text("Tool with logging executed successfully")
}

async fn progress_in_steps(context: ToolContext) -> ToolResult {
    for done in [0, 50, 100] {
        if done > 0 {
            sleep(STEP).await;
        }
        let message = format!("Completed step {done} of 100");
        context.progress(done.into(), 100.0, message).await?;
    }
    let token = context.progress_token.map(|token| token.text);
    text(token.unwrap_or_else(|| "No progress token".to_owned()))
}

async fn sample(prompt: String, context: ToolContext) -> ToolResult {
    let messages = vec![SamplingMessage::user_text(prompt)];
    let answer = context
        .sample(CreateMessageRequestParams::new(messages, 100))
        .await?;
    let content = answer.message.content.first();
    let reply = content.and_then(|content| content.as_text());
    let reply = reply.map_or("No response", |content| &content.text);
    text(format!("LLM response: {reply}"))
}

async fn ask(message: String, context: ToolContext) -> ToolResult {
    let answer = context.elicit(form(message, question())?).await?;
    text(format!("User response: {}", description(&answer)))
}

fn form_tool(
    name: &'static str,
    description_of_tool: &'static str,
    message: &'static str,
    schema: fn() -> Value,
) -> Tool {
    Tool::new(
        name,
        description_of_tool,
        no_arguments(),
        move |_: NoArguments, context: ToolContext| async move {
            let answer = context.elicit(form(message.to_owned(), schema())?).await?;
            text(format!("Elicitation completed: {}", description(&answer)))
        },
    )
}

fn form(message: String, schema: Value) -> Result<ElicitRequestParams, ToolFailure> {
    let requested_schema: ElicitationSchema =
        serde_json::from_value(schema).map_err(|_| ToolFailure::new("The form is invalid"))?;
    Ok(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message,
        requested_schema,
    })
}

fn description(answer: &ElicitResult) -> String {
    let action = match serde_json::to_value(&answer.action) {
        Ok(Value::String(action)) => action,
        _ => String::new(),
    };
    let content = answer.content.clone().unwrap_or_else(|| json!({}));
    format!("action={action}, content={content}")
}

fn question() -> Value {
    json!({
        "type": "object",
        "properties": { "response": { "type": "string", "description": "User's response" } },
        "required": ["response"]
    })
}

fn defaults() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "description": "User name", "default": "John Doe" },
            "age": { "type": "integer", "description": "User age", "default": 30 },
            "score": { "type": "number", "description": "User score", "default": 95.5 },
            "status": {
                "type": "string",
                "description": "User status",
                "enum": ["active", "inactive", "pending"],
                "default": "active"
            },
            "verified": { "type": "boolean", "description": "Verification status", "default": true }
        },
        "required": []
    })
}

fn enums() -> Value {
    json!({
        "type": "object",
        "properties": {
            "untitledSingle": {
                "type": "string",
                "description": "Select one option",
                "enum": ["option1", "option2", "option3"]
            },
            "titledSingle": {
                "type": "string",
                "description": "Select one option with titles",
                "oneOf": titled("Option")
            },
            "legacyEnum": {
                "type": "string",
                "description": "Select one option (legacy)",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"]
            },
            "untitledMulti": {
                "type": "array",
                "description": "Select multiple options",
                "minItems": 1,
                "maxItems": 3,
                "items": { "type": "string", "enum": ["option1", "option2", "option3"] }
            },
            "titledMulti": {
                "type": "array",
                "description": "Select multiple options with titles",
                "minItems": 1,
                "maxItems": 3,
                "items": { "anyOf": titled("Choice") }
            }
        },
        "required": []
    })
}

fn titled(kind: &str) -> Value {
    json!([
        { "const": "value1", "title": format!("First {kind}") },
        { "const": "value2", "title": format!("Second {kind}") },
        { "const": "value3", "title": format!("Third {kind}") }
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A round trip through the SDK's types must keep every member of a form.
    #[test]
    fn forms_survive_the_sdk_types() {
        for schema in [question(), defaults(), enums()] {
            let params = form("m".to_owned(), schema.clone()).unwrap();
            let written = serde_json::to_value(params).unwrap();
            assert_eq!(written["mode"], "form");
            let mut expected = schema;
            if expected["required"] == json!([]) && written["requestedSchema"].get("required").is_none() {
                expected.as_object_mut().unwrap().remove("required");
            }
            assert_eq!(written["requestedSchema"], expected);
        }
    }
}
