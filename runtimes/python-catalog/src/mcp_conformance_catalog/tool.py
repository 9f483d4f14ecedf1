"""Tools and the validation of their arguments."""

from collections.abc import Awaitable, Callable
from typing import Any

from jsonschema import Draft202012Validator
from mcp_types import CallToolResult, ContentBlock, TextContent, Tool

from .call import Call, ToolFailure

Work = Callable[[Call, dict[str, Any]], Awaitable[str | list[ContentBlock]]]
"""Runs a tool with valid arguments. Returns its content; a text stands for one text block."""


def object_schema(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """Returns an input schema: an object with these properties and no others."""
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return {**schema, "additionalProperties": False}


class CatalogTool:
    """A tool: its definition in `tools/list`, and its implementation."""

    def __init__(self, name: str, description: str, work: Work, schema: dict[str, Any] | None = None) -> None:
        schema = object_schema({}) if schema is None else schema
        self.definition = Tool(name=name, description=description, input_schema=schema)
        self._work = work
        self._validator = Draft202012Validator(schema)

    async def call(self, call: Call, arguments: dict[str, Any]) -> CallToolResult:
        """Runs the tool. If the arguments do not match the schema, or the tool fails, the result is an error."""
        try:
            if not self._validator.is_valid(arguments):
                name = self.definition.name
                raise ToolFailure(f"Invalid arguments for {name}: they do not match the input schema")
            content = await self._work(call, arguments)
        except ToolFailure as failure:
            return CallToolResult(content=[TextContent(text=str(failure))], is_error=True)
        return CallToolResult(content=[TextContent(text=content)] if isinstance(content, str) else content)
