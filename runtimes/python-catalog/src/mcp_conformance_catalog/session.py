"""The state of a session, which the SDK keeps for each connection."""

from typing import Any

from mcp.server import ServerRequestContext
from mcp.server.connection import Connection
from mcp_types import LoggingLevel

LEVELS: tuple[LoggingLevel, ...] = (
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
)
"""The log levels of MCP, from the lowest."""

_THRESHOLD = "mcp_conformance_catalog.threshold"


def connection_of(ctx: ServerRequestContext[Any, Any]) -> Connection:
    """Returns the connection of a request. Every request has its own ServerSession, which has no public name for it."""
    return ctx.session._connection  # noqa: SLF001


def set_threshold(ctx: ServerRequestContext[Any, Any], level: LoggingLevel) -> None:
    """Sets the lowest level of log messages that the session receives."""
    connection_of(ctx).state[_THRESHOLD] = level


def receives(ctx: ServerRequestContext[Any, Any], level: LoggingLevel) -> bool:
    """Returns whether the session receives log messages of a level. By default, it receives all of them."""
    threshold = connection_of(ctx).state.get(_THRESHOLD, LEVELS[0])
    return LEVELS.index(level) >= LEVELS.index(threshold)


class Subscriptions:
    """The connections that subscribed to each resource."""

    def __init__(self) -> None:
        self._connections: dict[str, set[Connection]] = {}

    def add(self, uri: str, connection: Connection) -> None:
        """Subscribes a connection until `remove`, or until it closes."""
        subscribers = self._connections.setdefault(uri, set())
        if connection not in subscribers:
            subscribers.add(connection)
            connection.exit_stack.callback(self.remove, uri, connection)

    def remove(self, uri: str, connection: Connection) -> None:
        """Ends a subscription, if there is one."""
        subscribers = self._connections.get(uri, set())
        subscribers.discard(connection)
        if not subscribers:
            self._connections.pop(uri, None)

    async def notify(self, uri: str) -> None:
        """Notifies the subscribers of a resource that it has changed."""
        for connection in tuple(self._connections.get(uri, ())):
            await connection.send_resource_updated(uri)
