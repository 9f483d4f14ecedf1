"""Calls that wait until another call releases them."""

from collections.abc import Callable
from typing import Literal, TypeVar

import anyio

State = Literal["unknown", "running", "cancelled", "finished"]
Outcome = Literal["released", "timed out", "too many calls are waiting"]

_Value = TypeVar("_Value")


class _Entry:
    """The waits for one key."""

    def __init__(self) -> None:
        self.state: State = "unknown"
        self.waiters: set[anyio.Event] = set()

    def is_over(self) -> bool:
        return not self.waiters


class WaitBoard:
    """Tracks waits and remembers their outcomes. Owners cannot see or release the waits of others.

    Args:
        timeout: the time limit of a wait, in seconds.
        limit: the maximum number of owners, and of keys for each owner.
    """

    def __init__(self, timeout: float = 60, limit: int = 1000) -> None:
        self._timeout = timeout
        self._limit = limit
        self._owners: dict[str, dict[str, _Entry]] = {}

    async def wait(self, owner: str, key: str) -> Outcome:
        """Waits for a release or the time limit. A cancellation passes through, and is remembered."""
        entry = self._join(owner, key)
        if entry is None:
            return "too many calls are waiting"
        released = anyio.Event()
        entry.waiters.add(released)
        entry.state = "running"
        ending: State = "cancelled"
        try:
            with anyio.move_on_after(self._timeout):
                await released.wait()
            ending = "finished"
        finally:
            # A release has already removed the waiter.
            if released in entry.waiters:
                entry.waiters.discard(released)
                if not entry.waiters:
                    entry.state = ending
        return "released" if released.is_set() else "timed out"

    def release(self, owner: str, key: str) -> int:
        """Releases all waits for a key, and returns their number."""
        entry = self._owners.get(owner, {}).get(key)
        if entry is None or not entry.waiters:
            return 0
        waiters, entry.waiters = entry.waiters, set()
        entry.state = "finished"
        for released in waiters:
            released.set()
        return len(waiters)

    def state(self, owner: str, key: str) -> State:
        """Returns the state of the latest wait for a key."""
        entry = self._owners.get(owner, {}).get(key)
        return "unknown" if entry is None else entry.state

    def _join(self, owner: str, key: str) -> _Entry | None:
        keys = self._owners.get(owner)
        if keys is None:
            if not _make_room(self._owners, self._limit, lambda keys: all(e.is_over() for e in keys.values())):
                return None
            keys = self._owners[owner] = {}
        entry = keys.get(key)
        if entry is None:
            if not _make_room(keys, self._limit, _Entry.is_over):
                return None
            entry = keys[key] = _Entry()
        return entry


def _make_room(values: dict[str, _Value], limit: int, is_over: Callable[[_Value], bool]) -> bool:
    """Removes the oldest value whose waits have ended from a full map. Returns whether the map has room."""
    if len(values) < limit:
        return True
    oldest = next((key for key, value in values.items() if is_over(value)), None)
    if oldest is None:
        return False
    del values[oldest]
    return True
