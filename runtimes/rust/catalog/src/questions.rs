//! Questions to the caller, in the revisions without sessions.
#![allow(deprecated, reason = "the revision 2026-07-28 has sampling and roots")]

use rmcp::model::{
    CreateMessageRequest, CreateMessageRequestParams, ElicitRequest, ElicitRequestParams, ElicitationSchema,
    InputRequest, ListRootsRequest, SamplingMessage,
};
use serde_json::json;

use crate::ToolFailure;

/// Returns a question to the user that asks for one text.
///
/// # Errors
/// Returns an error if the SDK cannot represent the form.
pub fn text_question(message: &str, property: &str) -> Result<InputRequest, ToolFailure> {
    let schema = json!({
        "type": "object", "properties": { property: { "type": "string" } }, "required": [property]
    });
    let requested_schema: ElicitationSchema =
        serde_json::from_value(schema).map_err(|_| ToolFailure::new("The form is invalid"))?;
    let form = ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: message.to_owned(),
        requested_schema,
    };
    Ok(InputRequest::Elicitation(ElicitRequest::new(form)))
}

/// Returns the question for the user's name.
///
/// # Errors
/// Returns an error if the SDK cannot represent the form.
pub fn name_question() -> Result<InputRequest, ToolFailure> {
    text_question("What is your name?", "name")
}

/// Returns a question to the caller's model.
pub fn model_question(prompt: &str) -> InputRequest {
    let params = CreateMessageRequestParams::new(vec![SamplingMessage::user_text(prompt)], 100);
    InputRequest::CreateMessage(CreateMessageRequest::new(params))
}

/// Returns a question for the caller's roots.
pub fn roots_question() -> InputRequest {
    InputRequest::ListRoots(ListRootsRequest::default())
}
