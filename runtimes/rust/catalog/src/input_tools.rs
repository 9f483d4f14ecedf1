//! The tools of the official MCP conformance scenarios for the revisions without sessions. They ask the caller for
//! input with their result.
#![allow(
    deprecated,
    reason = "the revision 2026-07-28 has sampling, roots and logging"
)]

use std::{
    future::{Future, ready},
    time::Duration,
};

use rmcp::model::LoggingLevel;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    questions::{model_question, name_question, roots_question, text_question},
    tool::{NoArguments, Reply, Tool, ToolResult, no_arguments, object_schema, text},
};
use crate::{Change, Era, LogMessage, LogTarget, Question, Round, ToolContext, ToolFailure};

/// The lifetime of the state of `test_input_required_result_brief_state`.
const BRIEF_STATE: Duration = Duration::from_millis(1500);

const LEVELS: [LoggingLevel; 8] = [
    LoggingLevel::Debug,
    LoggingLevel::Info,
    LoggingLevel::Notice,
    LoggingLevel::Warning,
    LoggingLevel::Error,
    LoggingLevel::Critical,
    LoggingLevel::Alert,
    LoggingLevel::Emergency,
];

#[derive(Deserialize)]
struct Region {
    region: Option<String>,
}

pub fn tools() -> Vec<Tool> {
    let tools = vec![
        asking(
            "test_input_required_result_elicitation",
            "Asks the user's name",
            greet,
        ),
        asking(
            "test_input_required_result_sampling",
            "Asks the caller's model",
            ask_model,
        ),
        asking(
            "test_input_required_result_list_roots",
            "Asks for the roots of the caller",
            ask_roots,
        ),
        asking(
            "test_input_required_result_request_state",
            "Asks for a confirmation, with state",
            |round| confirm(round, "state-ok: the state is valid", None),
        ),
        asking(
            "test_input_required_result_multiple_inputs",
            "Asks the user, the model and for roots at once, with state",
            ask_for_all,
        ),
        asking(
            "test_input_required_result_multi_round",
            "Asks twice, each time with other state",
            ask_twice,
        ),
        asking(
            "test_input_required_result_tampered_state",
            "Refuses altered state",
            |round| confirm(round, "The state was not altered", None),
        ),
        asking(
            "test_input_required_result_brief_state",
            "Asks for a confirmation within a second",
            |round| confirm(round, "The state was valid", Some(BRIEF_STATE)),
        ),
        asking(
            "test_input_required_result_capabilities",
            "Asks only by means that the request declares",
            ask_by_declared_means,
        ),
        asking("test_missing_capability", "Needs the capability sampling", |_| {
            text("The request declares sampling")
        })
        .requiring("sampling"),
        plain(
            "test_streaming_elicitation",
            "Reports progress, then asks the user",
            |context, round| async move {
                if round.text("user_name", "name")?.is_none() {
                    context
                        .progress(1.0, 2.0, "The question follows".to_owned())
                        .await?;
                }
                greet(&round)
            },
        ),
        plain(
            "test_logging_tool",
            "Sends a log message of each level",
            |context, _| async move {
                log_each_level(&context, LogTarget::Request).await?;
                text("Logged")
            },
        ),
        announcing(
            "test_trigger_tool_change",
            "Announces that the list of tools has changed",
            Change::Tools,
        ),
        announcing(
            "test_trigger_prompt_change",
            "Announces that the list of prompts has changed",
            Change::Prompts,
        ),
        announcing(
            "test_trigger_resource_change",
            "Announces that the list of resources has changed",
            Change::Resources,
        ),
        Tool::new(
            "test_x_mcp_header",
            "Returns a text that the header field mcp-param-region repeats",
            object_schema(
                json!({ "region": { "type": "string", "x-mcp-header": "Region" } }),
                &[],
            ),
            |Region { region }, _| async { text(region.unwrap_or_else(|| "none".to_owned())) },
        ),
    ];
    tools.into_iter().map(|tool| tool.only_in(Era::Modern)).collect()
}

/// Creates a tool without arguments.
fn plain<Work>(
    name: &'static str,
    description: &'static str,
    run: impl Fn(ToolContext, Round) -> Work + Send + Sync + 'static,
) -> Tool
where
    Work: Future<Output = ToolResult> + Send + 'static,
{
    Tool::new(
        name,
        description,
        no_arguments(),
        move |_: NoArguments, mut context: ToolContext| {
            let round = context.round.take().unwrap_or_default();
            run(context, round)
        },
    )
}

/// Creates a tool without arguments that only needs the answers of the caller.
fn asking(
    name: &'static str,
    description: &'static str,
    run: impl Fn(&Round) -> ToolResult + Send + Sync + 'static,
) -> Tool {
    plain(name, description, move |_, round| ready(run(&round)))
}

fn announcing(name: &'static str, description: &'static str, change: Change) -> Tool {
    plain(name, description, move |context, _| {
        context.announce(&change);
        ready(text("Announced"))
    })
}

fn ask(question: Question) -> ToolResult {
    Ok(Reply::Question(question))
}

fn greet(round: &Round) -> ToolResult {
    match round.text("user_name", "name")? {
        Some(name) => text(format!("Hello, {name}!")),
        None => ask(Question::new([("user_name", name_question()?)])),
    }
}

fn ask_model(round: &Round) -> ToolResult {
    if let Some(content) = round.message("capital_question") {
        return text(format!("Model response: {content}"));
    }
    let question = model_question("What is the capital of France?");
    ask(Question::new([("capital_question", question)]))
}

fn ask_roots(round: &Round) -> ToolResult {
    match round.roots("client_roots") {
        Some(roots) => text(format!("Roots: {}", roots.join(", "))),
        None => ask(Question::new([("client_roots", roots_question())])),
    }
}

/// Asks for a confirmation. It counts only together with the state of the question.
fn confirm(round: &Round, result: &str, lifetime: Option<Duration>) -> ToolResult {
    let is_confirmed = round.accepted("confirm")?;
    if is_confirmed && round.state_member("step") == Some(&json!("confirm")) {
        return text(result);
    }
    let question = Question::new([("confirm", text_question("Please confirm", "ok")?)]);
    let mut question = question.with_state(json!({ "step": "confirm" }));
    question.lifetime = lifetime;
    ask(question)
}

fn ask_for_all(round: &Round) -> ToolResult {
    let answers = (
        round.text("user_name", "name")?,
        round.message("greeting"),
        round.roots("client_roots"),
    );
    if let (Some(name), Some(greeting), Some(roots)) = answers {
        return text(format!("{name}, {} roots, {greeting}", roots.len()));
    }
    let question = Question::new([
        ("user_name", name_question()?),
        ("greeting", model_question("Write a greeting")),
        ("client_roots", roots_question()),
    ]);
    ask(question.with_state(json!({ "step": "inputs" })))
}

fn ask_twice(round: &Round) -> ToolResult {
    let step = round.state_member("step").and_then(Value::as_u64);
    let (name, preference) = (round.text("step1", "name")?, round.form("step2")?);
    if step == Some(2)
        && let Some(preference) = preference
    {
        let name = round.state_member("name").and_then(Value::as_str);
        let preference = Value::Object(preference.clone());
        return text(format!("{}: {preference}", name.unwrap_or_default()));
    }
    if step == Some(1)
        && let Some(name) = name
    {
        let question = text_question("What is your favourite colour?", "colour")?;
        return ask(Question::new([("step2", question)]).with_state(json!({ "step": 2, "name": name })));
    }
    ask(Question::new([("step1", name_question()?)]).with_state(json!({ "step": 1 })))
}

fn ask_by_declared_means(round: &Round) -> ToolResult {
    if round.message("model").is_some() || round.accepted("user")? {
        return text("Answered");
    }
    let mut question = Question::new([]);
    if round.declares("sampling") {
        let model = model_question("What is the capital of France?");
        question.requests.insert("model".to_owned(), model);
    }
    if round.declares("elicitation") {
        question.requests.insert("user".to_owned(), name_question()?);
    }
    if question.requests.is_empty() {
        return text("The request declares no way to ask");
    }
    ask(question)
}

/// Sends a log message of each level, from the lowest to the highest.
///
/// # Errors
/// Returns an error if the call has ended.
pub async fn log_each_level(context: &ToolContext, on: LogTarget) -> Result<(), ToolFailure> {
    for level in LEVELS {
        let name = serde_json::to_value(level).unwrap_or_default();
        let data = format!("A message of level {}", name.as_str().unwrap_or_default());
        let message = LogMessage {
            level,
            ..LogMessage::info(json!(data))
        };
        context.log(on, message).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
