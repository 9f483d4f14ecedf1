//! The tools of the official MCP conformance scenarios that return each kind of content.

use rmcp::model::{ContentBlock, JsonObject, ResourceContents};
use serde_json::{Value, json};

use super::tool::{NoArguments, Tool, ToolResult, content, no_arguments, text};
use crate::ToolFailure;

/// A PNG image of one red pixel, in base64.
pub const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/// A WAV file without samples, in base64.
const SILENCE: &str = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

pub fn tools() -> Vec<Tool> {
    vec![
        fixed("test_simple_text", "Returns one text block", || {
            text("This is a simple text response for testing.")
        }),
        fixed("test_image_content", "Returns one PNG image", || {
            content(vec![ContentBlock::image(PIXEL, "image/png")])
        }),
        fixed("test_audio_content", "Returns one WAV file", || {
            content(vec![ContentBlock::audio(SILENCE, "audio/wav")])
        }),
        fixed("test_embedded_resource", "Returns one embedded resource", || {
            content(vec![embedded(
                "test://embedded-resource",
                "text/plain",
                "This is an embedded resource content.",
            )])
        }),
        fixed(
            "test_multiple_content_types",
            "Returns a text, an image and an embedded resource",
            || {
                content(vec![
                    ContentBlock::text("Multiple content types test:"),
                    ContentBlock::image(PIXEL, "image/png"),
                    embedded(
                        "test://mixed-content-resource",
                        "application/json",
                        r#"{"test":"data","value":123}"#,
                    ),
                ])
            },
        ),
        fixed("test_error_handling", "Always fails", || {
            Err(ToolFailure::new(
                "This tool intentionally returns an error for testing",
            ))
        }),
        Tool::new(
            "json_schema_2020_12_tool",
            "Validates its arguments with JSON Schema 2020-12",
            schema_2020(),
            |arguments: JsonObject, _| async {
                let arguments = Value::Object(arguments);
                text(format!("JSON Schema 2020-12 tool called with: {arguments}"))
            },
        ),
    ]
}

/// Creates a tool without arguments that always returns the same result.
fn fixed(name: &'static str, description: &'static str, result: fn() -> ToolResult) -> Tool {
    Tool::new(
        name,
        description,
        no_arguments(),
        move |_: NoArguments, _| async move { result() },
    )
}

/// Creates a content block with an embedded text resource.
pub fn embedded(uri: &str, media_type: &str, text: &str) -> ContentBlock {
    ContentBlock::resource(ResourceContents::TextResourceContents {
        uri: uri.to_owned(),
        mime_type: Some(media_type.to_owned()),
        text: text.to_owned(),
        meta: None,
    })
}

fn schema_2020() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
            }
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false
    })
}
