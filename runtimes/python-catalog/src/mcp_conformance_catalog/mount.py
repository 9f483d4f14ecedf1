"""Adds the catalog to a server."""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import mcp_types as types
from mcp.server import MCPServer, Server, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, EmptyResult

from . import resources
from .call import Call, Caller, CallerOf, Shared
from .content_tools import content_tools
from .contract_tools import contract_tools
from .interaction_tools import interaction_tools
from .prompts import PROMPTS, complete
from .session import Subscriptions, connection_of, set_threshold
from .wait_board import WaitBoard

_RESOURCE_NOT_FOUND = -32002

_Context = ServerRequestContext[Any, Any]
_Handler = Callable[[_Context, Any], Awaitable[Any]]


def anonymous(_ctx: ServerRequestContext[Any, Any]) -> Caller:
    """Returns an anonymous caller, whose state belongs to its session."""
    return Caller()


def mount(server: MCPServer | Server[Any], *, caller: CallerOf = anonymous) -> None:
    """Adds the conformance catalog to a server, which keeps its own tools, resources and prompts.

    Mount the catalog before the server runs, and after all handlers of a `Server` have been registered.

    Args:
        server: a server of the SDK that does not run yet.
        caller: returns the caller of a request, for conformance_whoami and the keys of conformance_wait. By default,
            every session is an anonymous caller.
    """
    # The SDK has no public name for the Server of an MCPServer.
    lowlevel = server._lowlevel_server if isinstance(server, MCPServer) else server  # noqa: SLF001
    _Mount(lowlevel, Shared(caller, WaitBoard(), Subscriptions())).add_handlers()


class _Mount:
    """A server with the catalog. Requests for items that are not in the catalog go to the server's own handlers."""

    def __init__(self, server: Server[Any], shared: Shared) -> None:
        self._server = server
        self._shared = shared
        self._tools = {
            tool.definition.name: tool for tool in (*content_tools(), *interaction_tools(), *contract_tools())
        }

    def add_handlers(self) -> None:
        """Registers the handlers of the catalog."""
        tools = [tool.definition for tool in self._tools.values()]
        prompts = [prompt.definition for prompt in PROMPTS.values()]
        self._add_list("tools/list", types.ListToolsResult, "tools", tools)
        self._add_list("prompts/list", types.ListPromptsResult, "prompts", prompts)
        self._add_list("resources/list", types.ListResourcesResult, "resources", resources.RESOURCES)
        self._add_list(
            "resources/templates/list", types.ListResourceTemplatesResult, "resource_templates", resources.TEMPLATES
        )
        self._add("tools/call", types.CallToolRequestParams, self._call_tool)
        self._add("prompts/get", types.GetPromptRequestParams, self._get_prompt)
        self._add("resources/read", types.ReadResourceRequestParams, self._read)
        self._add("resources/subscribe", types.SubscribeRequestParams, self._subscribe)
        self._add("resources/unsubscribe", types.UnsubscribeRequestParams, self._unsubscribe)
        self._add("completion/complete", types.CompleteRequestParams, self._complete)
        self._add("logging/setLevel", types.SetLevelRequestParams, self._set_level)

    def _add(
        self, method: str, params_type: type[Any], handler: Callable[[_Context, Any, _Handler | None], Awaitable[Any]]
    ) -> None:
        """Registers a handler, which receives the server's own handler of the method, or None."""
        entry = self._server.get_request_handler(method)
        own = None if entry is None else entry.handler

        async def handle(ctx: _Context, params: Any) -> Any:
            return await handler(ctx, params, own)

        self._server.add_request_handler(method, params_type, handle)

    def _add_list(self, method: str, result: type[Any], member: str, items: list[Any]) -> None:
        """Registers the handler of a list. The catalog's items come first, on the first page."""

        async def handle(ctx: _Context, params: types.PaginatedRequestParams, own: _Handler | None) -> Any:
            first = types.PaginatedRequestParams()
            found = result(**{member: []}) if own is None else await own(ctx, first)
            if params.cursor is None:
                return found.model_copy(update={member: [*items, *getattr(found, member)]})
            if own is None or found.next_cursor is None:
                raise MCPError(INVALID_PARAMS, "cursor: this server did not issue it")
            return await own(ctx, params)

        self._add(method, types.PaginatedRequestParams, handle)

    async def _call_tool(self, ctx: _Context, params: types.CallToolRequestParams, own: _Handler | None) -> Any:
        tool = self._tools.get(params.name)
        if tool is not None:
            return await tool.call(Call(ctx, self._shared), params.arguments or {})
        return await own(ctx, params) if own is not None else _refuse("name: no such tool")

    async def _get_prompt(self, ctx: _Context, params: types.GetPromptRequestParams, own: _Handler | None) -> Any:
        prompt = PROMPTS.get(params.name)
        if prompt is not None:
            rendered = prompt.render(params.arguments or {})
            return rendered if rendered is not None else _refuse("arguments: a required argument is missing")
        return await own(ctx, params) if own is not None else _refuse("name: no such prompt")

    async def _read(self, ctx: _Context, params: types.ReadResourceRequestParams, own: _Handler | None) -> Any:
        contents = resources.read(params.uri)
        if contents is not None:
            return types.ReadResourceResult(contents=[contents])
        return await own(ctx, params) if own is not None else _refuse_uri()

    async def _subscribe(self, ctx: _Context, params: types.SubscribeRequestParams, own: _Handler | None) -> Any:
        if resources.read(params.uri) is None:
            return await own(ctx, params) if own is not None else _refuse_uri()
        self._shared.subscriptions.add(params.uri, connection_of(ctx))
        return EmptyResult()

    async def _unsubscribe(self, ctx: _Context, params: types.UnsubscribeRequestParams, own: _Handler | None) -> Any:
        if own is not None and resources.read(params.uri) is None:
            return await own(ctx, params)
        self._shared.subscriptions.remove(params.uri, connection_of(ctx))
        return EmptyResult()

    async def _complete(self, ctx: _Context, params: types.CompleteRequestParams, own: _Handler | None) -> Any:
        completion = complete(params)
        if completion is not None:
            return types.CompleteResult(completion=completion)
        if own is not None:
            return await own(ctx, params)
        return _refuse("ref: no such prompt, resource template or argument")

    async def _set_level(self, ctx: _Context, params: types.SetLevelRequestParams, own: _Handler | None) -> Any:
        set_threshold(ctx, params.level)
        return await own(ctx, params) if own is not None else EmptyResult()


def _refuse(message: str) -> NoReturn:
    raise MCPError(INVALID_PARAMS, message)


def _refuse_uri() -> NoReturn:
    raise MCPError(_RESOURCE_NOT_FOUND, "uri: no such resource")
