"""The additional tools that the cases of the contract need."""

from typing import Any

from .call import Call, ToolFailure, as_json
from .session import LEVELS
from .tool import CatalogTool, object_schema

_KEY = object_schema({"key": {"type": "string", "minLength": 1, "maxLength": 10000}}, ["key"])

_MISSING_CLAIMS: dict[str, Any] = {
    "email": None,
    "teams": [],
    "is_authenticated": False,
    "is_admin": False,
    "permission_is_admin": False,
    "token_use": None,
    "scoped_permissions": [],
    "scoped_server_id": None,
}
"""The claims in the order of conformance_whoami, with the values of missing ones."""


def contract_tools() -> list[CatalogTool]:
    """Returns the tools."""
    return [
        CatalogTool("conformance_whoami", "Returns the call's claims and scope as JSON", _who_am_i),
        CatalogTool(
            "conformance_echo",
            "Returns the given text",
            _echo,
            object_schema({"text": {"type": "string"}}, ["text"]),
        ),
        CatalogTool(
            "conformance_repeat",
            "Returns a text of the given number of bytes",
            _repeat,
            object_schema({"size": {"type": "integer", "minimum": 0, "maximum": 67108864}}, ["size"]),
        ),
        CatalogTool(
            "conformance_wait",
            "Blocks until conformance_release is called with the same key, or the request is cancelled",
            _wait,
            _KEY,
        ),
        CatalogTool(
            "conformance_release", "Releases the caller's conformance_wait calls with this key", _release, _KEY
        ),
        CatalogTool(
            "conformance_state", "Returns the state of the caller's conformance_wait calls with this key", _state, _KEY
        ),
        CatalogTool(
            "conformance_events",
            "Sends numbered log messages, on its own stream or on the live stream",
            _emit_events,
            object_schema(
                {
                    "count": {"type": "integer", "minimum": 0, "maximum": 100000},
                    "size": {"type": "integer", "minimum": 0, "maximum": 1048576},
                    "on": {"type": "string", "enum": ["request", "live"]},
                },
                ["count"],
            ),
        ),
        CatalogTool(
            "conformance_levels",
            "Sends a log message of each level, on its own stream or on the live stream",
            _log_each_level,
            object_schema({"on": {"type": "string", "enum": ["request", "live"]}}, []),
        ),
        CatalogTool(
            "conformance_touch",
            "Notifies the subscribers of a resource about a change",
            _touch,
            object_schema({"uri": {"type": "string"}}, ["uri"]),
        ),
    ]


async def _who_am_i(call: Call, _arguments: dict[str, Any]) -> str:
    claims = call.caller.claims or {}
    known = {name: claims.get(name, missing) for name, missing in _MISSING_CLAIMS.items()}
    return as_json({**known, "server_id": call.caller.server_id or None})


async def _echo(_call: Call, arguments: dict[str, Any]) -> str:
    return str(arguments["text"])


async def _repeat(_call: Call, arguments: dict[str, Any]) -> str:
    # JSON Schema accepts 5.0 as an integer.
    return "x" * int(arguments["size"])


async def _wait(call: Call, arguments: dict[str, Any]) -> str:
    outcome = await call.shared.board.wait(call.owner, arguments["key"])
    if outcome != "released":
        raise ToolFailure(outcome)
    return outcome


async def _release(call: Call, arguments: dict[str, Any]) -> str:
    return f"released {call.shared.board.release(call.owner, arguments['key'])}"


async def _state(call: Call, arguments: dict[str, Any]) -> str:
    return call.shared.board.state(call.owner, arguments["key"])


async def _log_each_level(call: Call, arguments: dict[str, Any]) -> str:
    for level in LEVELS:
        await call.log(f"A message of level {level}", on=arguments.get("on", "request"), level=level)
    return "logged"


async def _emit_events(call: Call, arguments: dict[str, Any]) -> str:
    count, size = int(arguments["count"]), int(arguments.get("size", 0))
    pad = {"pad": "x" * size} if size > 0 else {}
    for n in range(count):
        await call.log({"n": n, **pad}, "conformance", arguments.get("on", "request"))
    return f"emitted {count}"


async def _touch(call: Call, arguments: dict[str, Any]) -> str:
    await call.shared.subscriptions.notify(arguments["uri"])
    return "touched"
