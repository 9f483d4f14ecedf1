//! The additional tools that the cases of the contract need.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    tool::{NoArguments, Tool, ToolResult, no_arguments, object_schema, text, whole_number},
    wait_board::{WaitBoard, WaitOutcome},
};
use crate::{
    CallScope, Claims, Era, LogMessage, LogTarget, ToolContext, ToolFailure, input_tools::log_each_level,
    json::write,
};

const MEBIBYTE: usize = 1024 * 1024;

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct Size {
    #[serde(deserialize_with = "whole_number")]
    size: usize,
}

#[derive(Deserialize)]
struct Key {
    key: String,
}

#[derive(Deserialize)]
struct Uri {
    uri: String,
}

#[derive(Deserialize)]
struct Levels {
    #[serde(default)]
    on: LogTarget,
}

#[derive(Deserialize)]
struct Events {
    #[serde(deserialize_with = "whole_number")]
    count: usize,
    #[serde(default, deserialize_with = "whole_number")]
    size: usize,
    #[serde(default)]
    on: LogTarget,
}

/// The schema of a tool that sends its messages on its own stream or on the live stream.
fn stream_schema() -> Value {
    object_schema(
        json!({ "on": { "type": "string", "enum": ["request", "live"] } }),
        &[],
    )
}

pub fn tools(board: &Arc<WaitBoard>) -> Vec<Tool> {
    let with_key = || {
        object_schema(
            json!({ "key": { "type": "string", "minLength": 1, "maxLength": 10_000 } }),
            &["key"],
        )
    };
    let (wait, report, release, state) = (board.clone(), board.clone(), board.clone(), board.clone());
    vec![
        Tool::new(
            "conformance_whoami",
            "Returns the call's claims and scope as JSON",
            no_arguments(),
            |_: NoArguments, context: ToolContext| async move { text(who_am_i(&context.scope)) },
        ),
        Tool::new(
            "conformance_echo",
            "Returns the given text",
            object_schema(json!({ "text": { "type": "string" } }), &["text"]),
            |given: Text, _| async { text(given.text) },
        ),
        Tool::new(
            "conformance_mirror",
            "Accepts arguments that header fields of MCP 2026-07-28 repeat",
            mirrored_arguments(),
            |_: Value, _| async { text("mirrored") },
        ),
        Tool::new(
            "conformance_repeat",
            "Returns a text of the given number of bytes",
            object_schema(
                json!({ "size": { "type": "integer", "minimum": 0, "maximum": 64 * MEBIBYTE } }),
                &["size"],
            ),
            |Size { size }, _| async move { text("x".repeat(size)) },
        ),
        Tool::new(
            "conformance_wait",
            "Blocks until conformance_release is called with the same key, or the request is cancelled",
            with_key(),
            move |Key { key }, context| wait_for(wait.clone(), key, context),
        ),
        Tool::new(
            "conformance_report",
            "Waits like conformance_wait, then sends log messages and progress",
            with_key(),
            move |Key { key }, context| report_after(report.clone(), key, context),
        )
        .only_in(Era::Modern),
        Tool::new(
            "conformance_release",
            "Releases the caller's conformance_wait calls with this key",
            with_key(),
            move |Key { key }, context: ToolContext| {
                let released = release.release(&context.scope.owner, &key);
                async move { text(format!("released {released}")) }
            },
        ),
        Tool::new(
            "conformance_state",
            "Returns the state of the caller's conformance_wait calls with this key",
            with_key(),
            move |Key { key }, context: ToolContext| {
                let state = state.state(&context.scope.owner, &key);
                async move { text(state.map_or("unknown", |state| state.name())) }
            },
        ),
        Tool::new(
            "conformance_events",
            "Sends numbered log messages, on its own stream or on the live stream",
            object_schema(
                json!({
                    "count": { "type": "integer", "minimum": 0, "maximum": 100_000 },
                    "size": { "type": "integer", "minimum": 0, "maximum": MEBIBYTE },
                    "on": { "type": "string", "enum": ["request", "live"] }
                }),
                &["count"],
            ),
            emit_events,
        ),
        Tool::new(
            "conformance_levels",
            "Sends a log message of each level, on its own stream or on the live stream",
            stream_schema(),
            |Levels { on }, context: ToolContext| async move {
                log_each_level(&context, on).await?;
                text("logged")
            },
        ),
        Tool::new(
            "conformance_touch",
            "Notifies the subscribers of a resource about a change",
            object_schema(json!({ "uri": { "type": "string" } }), &["uri"]),
            |Uri { uri }, context: ToolContext| async move {
                context.resource_updated(&uri).await;
                text("touched")
            },
        ),
    ]
}

#[derive(Serialize)]
struct WhoAmI<'a> {
    #[serde(flatten)]
    claims: &'a Claims,
    server_id: Option<&'a str>,
}

/// Returns the claims and scope of the call as JSON, with members in the order of docs/catalog.md.
pub fn who_am_i(scope: &CallScope) -> String {
    write(&WhoAmI {
        claims: &scope.claims,
        server_id: Some(scope.server_id.as_str()).filter(|id| !id.is_empty()),
    })
}

async fn until_released(board: Arc<WaitBoard>, key: &str, context: &ToolContext) -> Result<(), ToolFailure> {
    let cancellation = context.cancellation.clone();
    match board.wait(&context.scope.owner, key, cancellation) {
        None => Err(ToolFailure::new("too many calls are waiting")),
        Some(wait) => match wait.outcome().await {
            WaitOutcome::Released => Ok(()),
            WaitOutcome::TimedOut => Err(ToolFailure::new("timed out")),
        },
    }
}

async fn wait_for(board: Arc<WaitBoard>, key: String, context: ToolContext) -> ToolResult {
    until_released(board, &key, &context).await?;
    text("released")
}

async fn report_after(board: Arc<WaitBoard>, key: String, context: ToolContext) -> ToolResult {
    until_released(board, &key, &context).await?;
    log_each_level(&context, LogTarget::Request).await?;
    for step in [1, 2] {
        let message = format!("Step {step} of 2");
        context.progress(step.into(), 2.0, message).await?;
    }
    text("reported")
}

/// Returns the schema of arguments that header fields repeat: one of each type, and one in a nested object.
fn mirrored_arguments() -> Value {
    let zone = json!({ "zone": { "type": "string", "x-mcp-header": "Zone" } });
    object_schema(
        json!({
            "text": { "type": "string", "x-mcp-header": "Text" },
            "count": { "type": "integer", "x-mcp-header": "Count" },
            "flag": { "type": "boolean", "x-mcp-header": "Flag" },
            "place": object_schema(zone, &[])
        }),
        &[],
    )
}

async fn emit_events(events: Events, context: ToolContext) -> ToolResult {
    let pad = "x".repeat(events.size);
    for n in 0..events.count {
        let data: Value = if pad.is_empty() {
            json!({ "n": n })
        } else {
            json!({ "n": n, "pad": pad })
        };
        let message = LogMessage {
            logger: Some("conformance"),
            ..LogMessage::info(data)
        };
        context.log(events.on, message).await?;
    }
    text(format!("emitted {}", events.count))
}
