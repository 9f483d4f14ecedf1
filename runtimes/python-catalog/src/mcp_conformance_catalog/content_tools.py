"""The tools of the official MCP conformance scenarios that return each kind of content."""

from typing import Any

from mcp_types import AudioContent, ContentBlock, EmbeddedResource, ImageContent, TextContent, TextResourceContents

from .call import Call, ToolFailure, as_json
from .tool import CatalogTool

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
"""A PNG image of one red pixel, in base64."""

_SILENCE = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
"""A WAV file without samples, in base64."""

_SCHEMA_2020 = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def pixel() -> ImageContent:
    """Returns an image block."""
    return ImageContent(data=PIXEL, mime_type="image/png")


def embedded(uri: str, mime_type: str, text: str) -> EmbeddedResource:
    """Returns a block with an embedded text resource."""
    return EmbeddedResource(resource=TextResourceContents(uri=uri, mime_type=mime_type, text=text))


def content_tools() -> list[CatalogTool]:
    """Returns the tools."""
    return [
        _fixed(
            "test_simple_text",
            "Returns one text block",
            TextContent(text="This is a simple text response for testing."),
        ),
        _fixed("test_image_content", "Returns one PNG image", pixel()),
        _fixed("test_audio_content", "Returns one WAV file", AudioContent(data=_SILENCE, mime_type="audio/wav")),
        _fixed(
            "test_embedded_resource",
            "Returns one embedded resource",
            embedded("test://embedded-resource", "text/plain", "This is an embedded resource content."),
        ),
        _fixed(
            "test_multiple_content_types",
            "Returns a text, an image and an embedded resource",
            TextContent(text="Multiple content types test:"),
            pixel(),
            embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
        ),
        CatalogTool("test_error_handling", "Always fails", _fail),
        CatalogTool(
            "json_schema_2020_12_tool", "Validates its arguments with JSON Schema 2020-12", _describe, _SCHEMA_2020
        ),
    ]


def _fixed(name: str, description: str, *content: ContentBlock) -> CatalogTool:
    """Returns a tool whose result is always the same content."""

    async def work(_call: Call, _arguments: dict[str, Any]) -> list[ContentBlock]:
        return list(content)

    return CatalogTool(name, description, work)


async def _fail(_call: Call, _arguments: dict[str, Any]) -> str:
    raise ToolFailure("This tool intentionally returns an error for testing")


async def _describe(_call: Call, arguments: dict[str, Any]) -> str:
    return f"JSON Schema 2020-12 tool called with: {as_json(arguments)}"
