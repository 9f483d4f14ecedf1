"""A tool call in flight: the interface between a tool and its caller."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError, NoBackChannelError
from mcp.shared.message import ServerMessageMetadata
from mcp_types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    LoggingLevel,
    LoggingMessageNotification,
    LoggingMessageNotificationParams,
    ProgressNotification,
    ProgressNotificationParams,
    SamplingMessage,
    TextContent,
)
from pydantic import BaseModel, ValidationError

from .session import Subscriptions, connection_of, receives
from .wait_board import WaitBoard

_RESPONSE_TIMEOUT = 60.0
"""The time limit for the caller's response to a server request, in seconds."""

_Result = TypeVar("_Result", bound=BaseModel)


@dataclass(frozen=True)
class Caller:
    """The caller of a tool, as conformance_whoami reports it."""

    claims: Mapping[str, Any] | None = None
    """The claims of the auth context, such as `email`. None means an anonymous caller."""
    server_id: str = ""
    """The virtual server of the call, or ""."""
    owner: str | None = None
    """The key of the state that the caller's sessions share, such as its email. None means that no other session shares
    the state."""


CallerOf = Callable[[ServerRequestContext[Any, Any]], Caller]
"""Returns the caller of a request."""


@dataclass(frozen=True)
class Shared:
    """The state that all sessions of a catalog share."""

    caller_of: CallerOf
    board: WaitBoard
    subscriptions: Subscriptions


class ToolFailure(Exception):
    """A failure whose message is sent to the caller, as a result with `isError`."""


def as_json(value: Any) -> str:
    """Returns JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Call:
    """A tool call in flight. Methods that send wait until the transport has room."""

    def __init__(self, ctx: ServerRequestContext[Any, Any], shared: Shared) -> None:
        self._ctx = ctx
        self.shared = shared
        self.caller = shared.caller_of(ctx)

    @property
    def owner(self) -> str:
        """The key of the state that this call can see."""
        if self.caller.owner is None:
            return f"session {id(connection_of(self._ctx))}"
        return f"caller {self.caller.owner}"

    async def log(
        self,
        data: Any,
        logger: str | None = None,
        on: Literal["request", "live"] = "request",
        level: LoggingLevel = "info",
    ) -> None:
        """Sends a log message on the stream of the request or of the session, if the session receives its level."""
        if receives(self._ctx, level):
            params = LoggingMessageNotificationParams(level=level, data=data, logger=logger)
            related = self._ctx.request_id if on == "request" else None
            await self._ctx.session.send_notification(LoggingMessageNotification(params=params), related)

    @property
    def progress_token(self) -> str | int | None:
        """The caller's progress token, or None."""
        return (self._ctx.meta or {}).get("progress_token")

    async def progress(self, done: int, total: int, message: str) -> None:
        """Sends a progress notification if the request has a progress token."""
        token = self.progress_token
        if token is not None:
            params = ProgressNotificationParams(progress_token=token, progress=done, total=total, message=message)
            await self._ctx.session.send_notification(ProgressNotification(params=params), self._ctx.request_id)

    async def sample(self, prompt: str) -> CreateMessageResult:
        """Asks the caller's model for a message."""
        capabilities = self._ctx.session.client_capabilities
        if capabilities is None or capabilities.sampling is None:
            raise ToolFailure("The caller does not support sampling")
        message = SamplingMessage(role="user", content=TextContent(text=prompt))
        params = CreateMessageRequestParams(messages=[message], max_tokens=100)
        return await self._ask("sampling", CreateMessageRequest(params=params), CreateMessageResult)

    async def elicit(self, message: str, form: dict[str, Any]) -> ElicitResult:
        """Asks the caller's user to fill in a form."""
        capabilities = self._ctx.session.client_capabilities
        modes = None if capabilities is None else capabilities.elicitation
        if modes is None:
            raise ToolFailure("The caller does not support elicitation")
        if modes.url is not None and modes.form is None:
            raise ToolFailure("The caller does not support form elicitation")
        params = ElicitRequestFormParams(message=message, requested_schema=form)
        return await self._ask("elicitation", ElicitRequest(params=params), ElicitResult)

    async def suspend(self) -> None:
        """Closes the stream of the request, which keeps running, if the transport supports this."""
        if self._ctx.close_sse_stream is not None:
            await self._ctx.close_sse_stream()

    async def _ask(self, kind: str, request: Any, result: type[_Result]) -> _Result:
        related = ServerMessageMetadata(related_request_id=self._ctx.request_id)
        try:
            return await self._ctx.session.send_request(request, result, _RESPONSE_TIMEOUT, related)
        except NoBackChannelError:
            raise ToolFailure(f"The caller has no open stream for the {kind} request") from None
        except (MCPError, ValidationError):
            raise ToolFailure(f"The caller did not give a valid answer to the {kind} request") from None
