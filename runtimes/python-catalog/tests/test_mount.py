"""Mounts the catalog on servers of the SDK, and talks to them with the SDK's client in memory."""

import unittest
from collections.abc import Awaitable
from typing import Any, TypeVar

import anyio
from mcp import MCPError
from mcp.client import Client
from mcp.server import MCPServer, Server
from mcp_types import (
    CreateMessageResult,
    ElicitResult,
    EmptyResult,
    LoggingMessageNotificationParams,
    PaginatedRequestParams,
    PromptReference,
    ResourceUpdatedNotification,
    SetLevelRequest,
    SetLevelRequestParams,
    SubscribeRequest,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
)

from mcp_conformance_catalog import Caller, mount

_Value = TypeVar("_Value")

_TIME_LIMIT = 20


async def _within_limit(work: Awaitable[_Value]) -> _Value:
    with anyio.fail_after(_TIME_LIMIT):
        return await work


def _client(server: MCPServer | Server[Any] | None = None, **options: Any) -> Client:
    """Returns a client of a server with the catalog. It uses a revision of MCP with the `initialize` handshake."""
    if server is None:
        server = Server("test", version="1")
        mount(server)
    return Client(server, mode="legacy", read_timeout_seconds=_TIME_LIMIT, **options)


async def _call(client: Client, name: str, arguments: dict[str, Any] | None = None) -> tuple[str, bool]:
    """Returns the text of a tool's result, and whether it is an error."""
    result = await client.call_tool(name, arguments or {})
    content = result.content[0]
    assert isinstance(content, TextContent), content
    return content.text, result.is_error


async def _read(client: Client, uri: str) -> str:
    """Returns the text of a resource."""
    contents = (await client.read_resource(uri)).contents[0]
    assert isinstance(contents, TextResourceContents), contents
    return contents.text


async def _subscribe(client: Client, uri: str) -> None:
    await client.session.send_request(SubscribeRequest(params=SubscribeRequestParams(uri=uri)), EmptyResult)


class Catalog(unittest.IsolatedAsyncioTestCase):
    async def test_declares_the_whole_catalog(self) -> None:
        for server in (Server("test"), MCPServer("test")):
            mount(server)
            async with _client(server) as client:
                declared = client.server_capabilities
                self.assertTrue(declared.resources is not None and declared.resources.subscribe)
                self.assertIsNotNone(declared.completions)
                self.assertIsNotNone(declared.logging)
                self.assertEqual(len((await client.list_tools()).tools), 23)
                self.assertEqual(len((await client.list_resources()).resources), 3)
                self.assertEqual(len((await client.list_resource_templates()).resource_templates), 1)
                self.assertEqual(len((await client.list_prompts()).prompts), 4)

    async def test_keeps_the_servers_own_items(self) -> None:
        server = MCPServer("test")

        @server.tool()
        def add(a: int, b: int) -> int:
            return a + b

        @server.resource("own://resource")
        def own() -> str:
            return "own"

        mount(server)
        async with _client(server) as client:
            self.assertEqual([tool.name for tool in (await client.list_tools()).tools][-1], "add")
            self.assertEqual(await _call(client, "add", {"a": 1, "b": 2}), ("3", False))
            self.assertEqual(await _read(client, "own://resource"), "own")

    async def test_calls_tools(self) -> None:
        invalid = "Invalid arguments for conformance_echo: they do not match the input schema"
        who = (
            '{"email":null,"teams":[],"is_authenticated":false,"is_admin":false,"permission_is_admin":false,'
            '"token_use":null,"scoped_permissions":[],"scoped_server_id":null,"server_id":null}'
        )
        async with _client() as client:
            for tool, arguments, text, is_error in (
                ("test_simple_text", {}, "This is a simple text response for testing.", False),
                ("conformance_echo", {"text": "héllo"}, "héllo", False),
                ("conformance_echo", {"text": 5}, invalid, True),
                ("conformance_repeat", {"size": 3.0}, "xxx", False),
                ("test_error_handling", {}, "This tool intentionally returns an error for testing", True),
                ("test_sampling", {"prompt": "hello"}, "The caller does not support sampling", True),
                ("test_elicitation", {"message": "hello"}, "The caller does not support elicitation", True),
                ("test_tool_with_progress", {}, "No progress token", False),
                ("conformance_state", {"key": "k"}, "unknown", False),
                ("conformance_whoami", {}, who, False),
            ):
                with self.subTest(tool=tool, arguments=arguments):
                    self.assertEqual(await _call(client, tool, arguments), (text, is_error))

    async def test_reports_the_caller(self) -> None:
        claims = {"email": "alice@example.com", "is_authenticated": True, "teams": None}
        server = Server("test")
        mount(server, caller=lambda _: Caller(claims=claims, server_id="s1", owner="alice@example.com"))
        async with _client(server) as client:
            text, _ = await _call(client, "conformance_whoami")
        self.assertEqual(
            text,
            '{"email":"alice@example.com","teams":null,"is_authenticated":true,"is_admin":false,'
            '"permission_is_admin":false,"token_use":null,"scoped_permissions":[],"scoped_server_id":null,'
            '"server_id":"s1"}',
        )

    async def test_shares_waits_between_the_sessions_of_an_owner(self) -> None:
        server, anonymous = Server("test"), Server("test")
        mount(server, caller=lambda _: Caller(owner="alice"))
        mount(anonymous)
        for each, released in ((server, "released 1"), (anonymous, "released 0")):
            async with _client(each) as waiting, _client(each) as other, anyio.create_task_group() as group:
                group.start_soon(_call, waiting, "conformance_wait", {"key": "k"})
                with anyio.fail_after(_TIME_LIMIT):
                    while (await _call(waiting, "conformance_state", {"key": "k"}))[0] != "running":
                        pass
                self.assertEqual(await _call(other, "conformance_release", {"key": "k"}), (released, False))
                await _call(waiting, "conformance_release", {"key": "k"})
            async with _client(each) as client:
                expected = "finished" if released == "released 1" else "unknown"
                self.assertEqual(await _call(client, "conformance_state", {"key": "k"}), (expected, False))

    async def test_sends_log_messages_above_the_level(self) -> None:
        logged: list[Any] = []

        async def log(params: LoggingMessageNotificationParams) -> None:
            logged.append(params.data)

        async with _client(logging_callback=log) as client:
            await _call(client, "test_tool_with_logging")
            await _call(client, "conformance_events", {"count": 2, "size": 1, "on": "live"})
            level = SetLevelRequest(params=SetLevelRequestParams(level="warning"))
            await client.session.send_request(level, EmptyResult)
            await _call(client, "conformance_events", {"count": 2})
            await _call(client, "conformance_levels", {"on": "live"})
        steps = ["Tool execution started", "Tool processing data", "Tool execution completed"]
        levels = [f"A message of level {each}" for each in ("warning", "error", "critical", "alert", "emergency")]
        self.assertEqual(logged, [*steps, {"n": 0, "pad": "x"}, {"n": 1, "pad": "x"}, *levels])

    async def test_reports_progress(self) -> None:
        reported: list[tuple[float, float | None, str | None]] = []

        async def report(progress: float, total: float | None, message: str | None) -> None:
            reported.append((progress, total, message))

        async with _client() as client:
            result = await client.call_tool("test_tool_with_progress", {}, progress_callback=report)
        self.assertFalse(result.is_error)
        self.assertEqual(reported, [(n, 100, f"Completed step {n} of 100") for n in (0, 50, 100)])

    async def test_asks_the_caller(self) -> None:
        async def sample(_context: Any, _params: Any) -> CreateMessageResult:
            return CreateMessageResult(role="assistant", model="m", content=TextContent(text="two"))

        async def elicit(_context: Any, _params: Any) -> ElicitResult:
            return ElicitResult(action="accept", content={"response": "Zoë"})

        async with _client(sampling_callback=sample, elicitation_callback=elicit) as client:
            self.assertEqual(await _call(client, "test_sampling", {"prompt": "1 + 1?"}), ("LLM response: two", False))
            self.assertEqual(
                await _call(client, "test_elicitation", {"message": "Name?"}),
                ('User response: action=accept, content={"response":"Zoë"}', False),
            )
            text, _ = await _call(client, "test_elicitation_sep1330_enums")
            self.assertEqual(text, 'Elicitation completed: action=accept, content={"response":"Zoë"}')

    async def test_notifies_only_subscribers(self) -> None:
        updated: list[str] = []
        arrived = anyio.Event()

        async def receive(message: Any) -> None:
            if isinstance(message, ResourceUpdatedNotification):
                updated.append(message.params.uri)
                arrived.set()

        watched = "test://watched-resource"
        async with _client(message_handler=receive) as client:
            await _call(client, "conformance_touch", {"uri": watched})
            await _subscribe(client, watched)
            await _call(client, "conformance_touch", {"uri": "test://static-text"})
            await _call(client, "conformance_touch", {"uri": watched})
            await _within_limit(arrived.wait())
        self.assertEqual(updated, [watched])

    async def test_completes(self) -> None:
        async with _client() as client:
            reference = PromptReference(name="test_prompt_with_arguments")
            found = (await client.complete(reference, {"name": "arg2", "value": "t"})).completion
            self.assertEqual((found.values, found.total, found.has_more), (["three", "two"], 2, False))

    async def test_refuses_unknown_items(self) -> None:
        async with _client() as client:
            none = PromptReference(name="none")
            for code, request in (
                (-32602, lambda: client.call_tool("none", {})),
                (-32602, lambda: client.get_prompt("none")),
                (-32602, lambda: client.get_prompt("test_prompt_with_arguments", {"arg1": "a"})),
                (-32602, lambda: client.complete(none, {"name": "a", "value": ""})),
                (-32602, lambda: client.session.list_tools(params=PaginatedRequestParams(cursor="c"))),
                (-32002, lambda: client.read_resource("test://none")),
                (-32002, lambda: client.read_resource("test://template/%ff/data")),
                (-32002, lambda: _subscribe(client, "test://none")),
            ):
                with self.assertRaises(MCPError) as refused:
                    await request()
                self.assertEqual(refused.exception.code, code)

    async def test_reads_resources(self) -> None:
        async with _client() as client:
            text = await _read(client, "test://template/a%2Fb/data")
            self.assertEqual(text, '{"id":"a/b","templateTest":true,"data":"Data for ID: a/b"}')


if __name__ == "__main__":
    unittest.main()
