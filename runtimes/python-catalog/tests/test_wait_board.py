"""Checks the bookkeeping of waits."""

import unittest

import anyio

from mcp_conformance_catalog.wait_board import WaitBoard


class Board(unittest.IsolatedAsyncioTestCase):
    async def test_releases_only_the_waits_of_the_owner(self) -> None:
        board, outcomes = WaitBoard(), []

        async def wait() -> None:
            outcomes.append(await board.wait("alice", "k"))

        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            self.assertEqual(board.release("bob", "k"), 0)
            self.assertEqual(board.state("bob", "k"), "unknown")
            self.assertEqual(board.state("alice", "k"), "running")
            self.assertEqual(board.release("alice", "k"), 1)
        self.assertEqual(outcomes, ["released"])
        self.assertEqual(board.state("alice", "k"), "finished")

    async def test_remembers_cancellations(self) -> None:
        board = WaitBoard()
        async with anyio.create_task_group() as group:
            group.start_soon(board.wait, "alice", "k")
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
        self.assertEqual(board.state("alice", "k"), "cancelled")

    async def test_ends_waits_at_the_time_limit(self) -> None:
        board = WaitBoard(timeout=0)
        self.assertEqual(await board.wait("alice", "k"), "timed out")
        self.assertEqual(board.state("alice", "k"), "finished")

    async def test_forgets_only_waits_that_ended(self) -> None:
        board = WaitBoard(limit=1)
        async with anyio.create_task_group() as group:
            group.start_soon(board.wait, "alice", "first")
            await anyio.wait_all_tasks_blocked()
            self.assertEqual(await board.wait("alice", "second"), "too many calls are waiting")
            self.assertEqual(await board.wait("bob", "first"), "too many calls are waiting")
            board.release("alice", "first")
            group.start_soon(board.wait, "bob", "first")
            await anyio.wait_all_tasks_blocked()
            self.assertEqual(board.state("alice", "first"), "unknown")
            board.release("bob", "first")


if __name__ == "__main__":
    unittest.main()
