//! The prompts of the conformance catalog.

use rmcp::model::{self, ContentBlock, JsonObject, PromptArgument, PromptMessage, Role};

use super::{
    content::{PIXEL, embedded},
    questions::text_question,
};
use crate::{Era, Question, Round, ToolFailure};

/// A prompt: its definition in `prompts/list`, and the function that renders its messages.
pub struct Prompt {
    pub definition: model::Prompt,
    /// The only era that serves the prompt. `None`: both eras serve it.
    era: Option<Era>,
    /// Returns the question that the prompt asks before it can be rendered, if any.
    ask: fn(&Round) -> Result<Option<Question>, ToolFailure>,
    render: fn(&Arguments<'_>) -> Vec<ContentBlock>,
}

/// The caller's arguments. All required arguments are present, and all values are strings.
struct Arguments<'a>(&'a JsonObject);

impl Arguments<'_> {
    fn text(&self, name: &str) -> &str {
        self.0
            .get(name)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    }
}

impl Prompt {
    fn new(
        name: &str,
        title: &str,
        description: &str,
        arguments: &[(&str, &str)],
        render: fn(&Arguments<'_>) -> Vec<ContentBlock>,
    ) -> Self {
        let required = |&(name, description): &(&str, &str)| {
            PromptArgument::new(name)
                .with_description(description)
                .with_required(true)
        };
        let arguments: Vec<PromptArgument> = arguments.iter().map(required).collect();
        let arguments = Some(arguments).filter(|arguments| !arguments.is_empty());
        Self {
            definition: model::Prompt::new(name, Some(description), arguments).with_title(title),
            era: None,
            ask: |_| Ok(None),
            render,
        }
    }

    /// Returns whether an era serves the prompt.
    pub fn is_in(&self, era: Era) -> bool {
        self.era.is_none_or(|only| only == era)
    }

    /// Returns the question that the prompt asks in this round, if any.
    ///
    /// # Errors
    /// Returns an error if the user declined or cancelled the question.
    pub fn question(&self, round: &Round) -> Result<Option<Question>, ToolFailure> {
        (self.ask)(round)
    }

    /// Renders the messages. Returns `None` if a required argument is missing.
    pub fn render(&self, arguments: &JsonObject) -> Option<Vec<PromptMessage>> {
        let mut required = self.definition.arguments.iter().flatten();
        if !required.all(|argument| arguments.contains_key(&argument.name)) {
            return None;
        }
        let blocks = (self.render)(&Arguments(arguments));
        let message = |block| PromptMessage::new(Role::User, block);
        Some(blocks.into_iter().map(message).collect())
    }
}

/// Returns the prompts of the conformance catalog.
pub fn prompts() -> Vec<Prompt> {
    vec![
        Prompt::new(
            "test_simple_prompt",
            "Simple Test Prompt",
            "A simple prompt without arguments",
            &[],
            |_| vec![ContentBlock::text("This is a simple prompt for testing.")],
        ),
        Prompt::new(
            "test_prompt_with_arguments",
            "Prompt With Arguments",
            "A prompt with required arguments",
            &[("arg1", "First test argument"), ("arg2", "Second test argument")],
            |given| {
                let (first, second) = (given.text("arg1"), given.text("arg2"));
                let text = format!("Prompt with arguments: arg1='{first}', arg2='{second}'");
                vec![ContentBlock::text(text)]
            },
        ),
        Prompt::new(
            "test_prompt_with_embedded_resource",
            "Prompt With Embedded Resource",
            "A prompt that includes an embedded resource",
            &[("resourceUri", "URI of the resource to embed")],
            |given| {
                vec![
                    embedded(
                        given.text("resourceUri"),
                        "text/plain",
                        "Embedded resource content for testing.",
                    ),
                    ContentBlock::text("Please process the embedded resource above."),
                ]
            },
        ),
        Prompt::new(
            "test_prompt_with_image",
            "Prompt With Image",
            "A prompt that includes image content",
            &[],
            |_| {
                vec![
                    ContentBlock::image(PIXEL, "image/png"),
                    ContentBlock::text("Please analyze the image above."),
                ]
            },
        ),
        Prompt {
            era: Some(Era::Modern),
            ask: |round| {
                if round.text("user_context", "context")?.is_some() {
                    return Ok(None);
                }
                let question = text_question("In which context?", "context")?;
                Ok(Some(Question::new([("user_context", question)])))
            },
            ..Prompt::new(
                "test_input_required_result_prompt",
                "Prompt With Input",
                "A prompt that asks the user first",
                &[],
                |_| {
                    vec![ContentBlock::text(
                        "The user answered the question of this prompt.",
                    )]
                },
            )
        },
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_argument_is_required() {
        let mut prompts = prompts().into_iter();
        let prompt = prompts.find(|prompt| prompt.definition.name == "test_prompt_with_arguments");
        let prompt = prompt.unwrap();
        let arguments = |value: serde_json::Value| value.as_object().unwrap().clone();
        assert!(prompt.render(&arguments(json!({ "arg1": "a" }))).is_none());
        let messages = prompt
            .render(&arguments(json!({ "arg1": "a", "arg2": "'" })))
            .unwrap();
        assert_eq!(
            serde_json::to_value(&messages).unwrap(),
            json!([{
                "role": "user",
                "content": { "type": "text", "text": "Prompt with arguments: arg1='a', arg2='''" }
            }])
        );
    }
}
