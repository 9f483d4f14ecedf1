"""The prompts of the conformance catalog, and the completion of arguments."""

from collections.abc import Callable
from dataclasses import dataclass

from mcp_types import (
    CompleteRequestParams,
    Completion,
    ContentBlock,
    GetPromptResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    PromptReference,
    TextContent,
)

from .content_tools import embedded, pixel
from .resources import TEMPLATE


@dataclass(frozen=True)
class CatalogPrompt:
    """A prompt: its definition in `prompts/list`, and the function that returns its content."""

    definition: Prompt
    content: Callable[[dict[str, str]], list[ContentBlock]]

    def render(self, arguments: dict[str, str]) -> GetPromptResult | None:
        """Returns the messages, or None if a required argument is missing."""
        if any(argument.name not in arguments for argument in self.definition.arguments or ()):
            return None
        messages = [PromptMessage(role="user", content=block) for block in self.content(arguments)]
        return GetPromptResult(description=self.definition.description, messages=messages)


def _prompt(
    definition: Prompt, content: Callable[[dict[str, str]], list[ContentBlock]], **arguments: str
) -> tuple[str, CatalogPrompt]:
    """Returns a prompt by name. Its arguments, which all are required, have descriptions."""
    required = [PromptArgument(name=name, description=text, required=True) for name, text in arguments.items()]
    definition = definition.model_copy(update={"arguments": required or None})
    return definition.name, CatalogPrompt(definition, content)


PROMPTS: dict[str, CatalogPrompt] = dict(
    [
        _prompt(
            Prompt(
                name="test_simple_prompt",
                title="Simple Test Prompt",
                description="A simple prompt without arguments",
            ),
            lambda _: [TextContent(text="This is a simple prompt for testing.")],
        ),
        _prompt(
            Prompt(
                name="test_prompt_with_arguments",
                title="Prompt With Arguments",
                description="A prompt with required arguments",
            ),
            lambda given: [TextContent(text=f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'")],
            arg1="First test argument",
            arg2="Second test argument",
        ),
        _prompt(
            Prompt(
                name="test_prompt_with_embedded_resource",
                title="Prompt With Embedded Resource",
                description="A prompt that includes an embedded resource",
            ),
            lambda given: [
                embedded(given["resourceUri"], "text/plain", "Embedded resource content for testing."),
                TextContent(text="Please process the embedded resource above."),
            ],
            resourceUri="URI of the resource to embed",
        ),
        _prompt(
            Prompt(
                name="test_prompt_with_image",
                title="Prompt With Image",
                description="A prompt that includes image content",
            ),
            lambda _: [pixel(), TextContent(text="Please analyze the image above.")],
        ),
    ]
)

_CANDIDATES = {
    ("ref/prompt", "test_prompt_with_arguments", "arg1"): ["alpha", "beta", "gamma"],
    ("ref/prompt", "test_prompt_with_arguments", "arg2"): ["one", "three", "two"],
    ("ref/prompt", "test_prompt_with_embedded_resource", "resourceUri"): [
        "test://static-binary",
        "test://static-text",
        "test://watched-resource",
    ],
    ("ref/resource", TEMPLATE, "id"): ["1", "12", "123"],
}
"""The values of each argument, by the type and the name of its reference."""


def complete(params: CompleteRequestParams) -> Completion | None:
    """Returns the values that begin with the given text, or None if the reference or the argument is unknown."""
    subject = params.ref.name if isinstance(params.ref, PromptReference) else params.ref.uri
    candidates = _CANDIDATES.get((params.ref.type, subject, params.argument.name))
    if candidates is None:
        return None
    values = [value for value in candidates if value.startswith(params.argument.value)]
    return Completion(values=values, total=len(values), has_more=False)
