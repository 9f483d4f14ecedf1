"""Runs the steps of an era with the official Python client, and prints each outcome.

python python_client.py URL modern|legacy
"""

import json
import sys

import anyio
import mcp_types as types
from mcp import Client
from mcp.client.subscriptions import PromptsListChanged, ResourceUpdated

STEP_SECONDS = 20
WATCHED = "test://watched-resource"


class UnexpectedEffect(Exception):
    """An effect that the client observed differs from the expected one."""


def expect_same(what, actual, expected):
    if actual != expected:
        raise UnexpectedEffect(f"{what}: expected {expected!r}, got {actual!r}")


class Observed:
    """A client that records the questions and notifications of the server. It answers every question."""

    def __init__(self, url, mode="auto"):
        self.asked = []
        self.levels = []
        self.client = Client(
            url,
            mode=mode,
            read_timeout_seconds=STEP_SECONDS,
            elicitation_callback=self.elicit,
            sampling_callback=self.sample,
            list_roots_callback=self.list_roots,
            logging_callback=self.log,
        )

    async def elicit(self, _context, params):
        self.asked.append("elicitation")
        fields = params.requested_schema["properties"]
        return types.ElicitResult(action="accept", content=dict.fromkeys(fields, "Ann"))

    async def sample(self, _context, _params):
        self.asked.append("sampling")
        content = types.TextContent(type="text", text="Hello")
        return types.CreateMessageResult(
            role="assistant", content=content, model="none"
        )

    async def list_roots(self, _context):
        self.asked.append("roots")
        return types.ListRootsResult(roots=[types.Root(uri="file:///work")])

    async def log(self, params):
        self.levels.append(params.level)

    async def call(self, name, arguments=None, **options):
        result = await self.client.call_tool(name, arguments or {}, **options)
        if result.is_error or result.content[0].type != "text":
            raise UnexpectedEffect(f"{name} gave the result {result.content!r}")
        return result.content[0].text

    async def expect_soon(self, what, key, expected):
        """Asks for the state of a wait until it is as expected."""
        state = None
        with anyio.move_on_after(10):
            while state != expected:
                state = await self.call("conformance_state", {"key": key})
                await anyio.sleep(0.05)
        expect_same(what, state, expected)

    async def tools(self):
        listed = await self.client.list_tools()
        names = [tool.name for tool in listed.tools]
        expect_same("the listed tools", names.count("conformance_echo"), 1)
        echo = await self.call("conformance_echo", {"text": "grüße"})
        expect_same("the echo", echo, "grüße")

    async def progress(self):
        steps = []

        async def progressed(progress, _total, _message):
            steps.append(progress)

        await self.call("test_tool_with_progress", progress_callback=progressed)
        expect_same("the progress", steps, [0, 50, 100])


async def modern_discover(observed):
    expect_same("the revision", observed.client.protocol_version, "2026-07-28")
    capabilities = observed.client.server_capabilities
    expect_same("listChanged of tools", capabilities.tools.list_changed, True)


async def modern_tools(observed):
    await observed.tools()
    region = await observed.call("test_x_mcp_header", {"region": "é"})
    expect_same("the argument that a header field repeats", region, "é")


async def modern_input(observed):
    result = await observed.call("test_input_required_result_elicitation")
    expect_same("the result", result, "Hello, Ann!")
    last = await observed.call("test_input_required_result_multi_round")
    expect_same("the start of the result after two questions", last[:3], "Ann")
    await observed.call("test_input_required_result_multiple_inputs")
    asked = ["elicitation"] * 4 + ["roots", "sampling"]
    expect_same("the questions", sorted(observed.asked), asked)


async def modern_logging(observed):
    meta = {"io.modelcontextprotocol/logLevel": "critical"}
    await observed.call("test_logging_tool", meta=meta)
    levels = ["critical", "alert", "emergency"]
    expect_same("the levels of the log messages", observed.levels, levels)


async def modern_subscription(observed):
    listening = observed.client.listen(
        prompts_list_changed=True, resource_subscriptions=[WATCHED]
    )
    async with listening as subscription:
        honored = subscription.honored
        expect_same("the accepted URIs", honored.resource_subscriptions, [WATCHED])
        expect_same("accepted prompts", honored.prompts_list_changed, True)
        # The subscription asks for the second and the third change.
        await observed.call("test_trigger_tool_change")
        await observed.call("test_trigger_prompt_change")
        await observed.call("conformance_touch", {"uri": WATCHED})
        changes = [await anext(subscription), await anext(subscription)]
        expected = [PromptsListChanged(), ResourceUpdated(uri=WATCHED)]
        expect_same("the changes", changes, expected)


async def modern_cancellation(observed):
    key = "python client"
    async with anyio.create_task_group() as group:
        group.start_soon(observed.call, "conformance_wait", {"key": key})
        await observed.expect_soon("the state before the cancellation", key, "running")
        group.cancel_scope.cancel()
    await observed.expect_soon("the state after the cancellation", key, "cancelled")


async def legacy_fallback(observed):
    expect_same("the revision", observed.client.protocol_version, "2025-11-25")


STEPS = {
    "modern": {
        "discover": modern_discover,
        "tools": modern_tools,
        "progress": Observed.progress,
        "input": modern_input,
        "logging": modern_logging,
        "subscription": modern_subscription,
        "cancellation": modern_cancellation,
    },
    "legacy": {
        "fallback": legacy_fallback,
        "tools": Observed.tools,
        "progress": Observed.progress,
    },
}


def reasons(error):
    """Returns the messages of an error, or of all errors in a group."""
    if isinstance(error, BaseExceptionGroup):
        return [reason for each in error.exceptions for reason in reasons(each)]
    if isinstance(error, TimeoutError):
        return [f"the step took more than {STEP_SECONDS} s"]
    return [f"{type(error).__name__}: {error}"]


def report(step, problem=None):
    print(json.dumps({"step": step, "problem": problem}), flush=True)


async def main(url, era):
    steps = STEPS[era]
    observed = Observed(url)
    connected = False
    try:
        async with observed.client:
            connected = True
            for name, run in steps.items():
                try:
                    with anyio.fail_after(STEP_SECONDS):
                        await run(observed)
                    report(name)
                # Every failure is an outcome.
                except Exception as error:  # noqa: BLE001
                    report(name, "; ".join(reasons(error)))
                    if name == next(iter(steps)):
                        break
    except Exception as error:  # noqa: BLE001
        name = "disconnect" if connected else next(iter(steps))
        report(name, "; ".join(reasons(error)))


anyio.run(main, *sys.argv[1:])
