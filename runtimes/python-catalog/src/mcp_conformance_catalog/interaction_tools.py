"""The tools of the official MCP conformance scenarios that interact with the caller."""

from typing import Any

import anyio
from mcp_types import TextContent

from .call import Call, as_json
from .forms import ASK, DEFAULTS, ENUMS
from .tool import CatalogTool, object_schema

_STEP = 0.05
"""The pause between two messages, in seconds."""


def interaction_tools() -> list[CatalogTool]:
    """Returns the tools."""
    return [
        CatalogTool("test_tool_with_logging", "Sends three log messages, 50 ms apart", _log_in_steps),
        CatalogTool(
            "test_tool_with_progress", "Reports progress 0, 50 and 100 of 100, 50 ms apart", _progress_in_steps
        ),
        CatalogTool(
            "test_sampling",
            "Asks the caller's model for a message",
            _sample,
            object_schema({"prompt": {"type": "string", "description": "The prompt for the model"}}, ["prompt"]),
        ),
        CatalogTool(
            "test_elicitation",
            "Asks the caller's user for a text",
            _ask,
            object_schema({"message": {"type": "string", "description": "The message for the user"}}, ["message"]),
        ),
        _form_tool(
            "test_elicitation_sep1034_defaults",
            "Asks the caller's user to fill in a form with default values (SEP-1034)",
            "Please review and update the form fields with defaults",
            DEFAULTS,
        ),
        _form_tool(
            "test_elicitation_sep1330_enums",
            "Asks the caller's user to fill in a form with each kind of enumeration (SEP-1330)",
            "Please select options from the enum fields",
            ENUMS,
        ),
        CatalogTool(
            "test_reconnection",
            "Closes its stream while it runs, so that the caller has to resume it (SEP-1699)",
            _reconnect,
        ),
    ]


async def _log_in_steps(call: Call, _arguments: dict[str, Any]) -> str:
    await call.log("Tool execution started")
    await anyio.sleep(_STEP)
    await call.log("Tool processing data")
    await anyio.sleep(_STEP)
    await call.log("Tool execution completed")
    return "Tool with logging executed successfully"


async def _progress_in_steps(call: Call, _arguments: dict[str, Any]) -> str:
    for done in (0, 50, 100):
        if done > 0:
            await anyio.sleep(_STEP)
        await call.progress(done, 100, f"Completed step {done} of 100")
    token = call.progress_token
    return "No progress token" if token is None else str(token)


async def _sample(call: Call, arguments: dict[str, Any]) -> str:
    answer = await call.sample(arguments["prompt"])
    text = answer.content.text if isinstance(answer.content, TextContent) else "No response"
    return f"LLM response: {text}"


async def _ask(call: Call, arguments: dict[str, Any]) -> str:
    return f"User response: {await _fill_in(call, arguments['message'], ASK)}"


def _form_tool(name: str, description: str, message: str, form: dict[str, Any]) -> CatalogTool:
    async def work(call: Call, _arguments: dict[str, Any]) -> str:
        return f"Elicitation completed: {await _fill_in(call, message, form)}"

    return CatalogTool(name, description, work)


async def _fill_in(call: Call, message: str, form: dict[str, Any]) -> str:
    answer = await call.elicit(message, form)
    return f"action={answer.action}, content={as_json(answer.content or {})}"


async def _reconnect(call: Call, _arguments: dict[str, Any]) -> str:
    await call.suspend()
    await anyio.sleep(2 * _STEP)
    return "Reconnection test completed successfully."
