"""Calls every RPC of a runtime with the defaults of grpcio. Usage: python_client.py SOCKET

Prints a line of JSON for each step: its name, and its problem or null. The folder of the generated code is in PYTHONPATH.
"""

import base64
import json
import sys
import time

import grpc

from contextforge.mcp.runtime.v1 import mcp_runtime_pb2 as pb
from contextforge.mcp.runtime.v1 import mcp_runtime_pb2_grpc as rpc

CLAIMS = json.dumps({"email": "client@example.com", "teams": [], "is_authenticated": True})
CONTEXT = pb.McpAuthContext(encoded=base64.urlsafe_b64encode(CLAIMS.encode()).decode().rstrip("="))
FIELDS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "grpcio", "version": "1"}}


CALLS = range(1000, 1100)
ANSWER_BYTES = 1024 * 1024
TIMEOUT_S = 10


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {actual!r} instead of {wanted!r}")


class Caller:
    """A caller with one session. The public methods are the steps, in the order in which they run."""

    def __init__(self, runtime):
        self._runtime = runtime
        self._session = ""

    def health(self):
        expect(self._runtime.HealthCheck(pb.HealthRequest(), timeout=TIMEOUT_S).status, "ok")

    def initialize(self):
        response = self._runtime.Invoke(self._rpc("initialize", HANDSHAKE), timeout=TIMEOUT_S)
        expect(response.status, 200)
        self._session = response.headers["mcp-session-id"]
        notification = self._request({"jsonrpc": "2.0", "method": "notifications/initialized"})
        expect(self._runtime.Invoke(notification, timeout=TIMEOUT_S).status, 202)

    def ping(self):
        expect(self._runtime.Invoke(self._rpc("ping"), timeout=TIMEOUT_S).status, 200)

    def metadata(self):
        metadata = (("x-request-id", "a b"), ("trace-bin", b"\x00\xff"))
        expect(self._runtime.Invoke(self._rpc("ping"), timeout=TIMEOUT_S, metadata=metadata).status, 200)

    def stream(self):
        live = self._runtime.InvokeStream(self._request(), timeout=TIMEOUT_S)
        expect(next(live).status, 200)
        live.cancel()

    def large(self):
        text = "x" * ANSWER_BYTES
        expect(self._tool("conformance_echo", text=text) == text, True)

    def concurrent(self):
        calls = [self._runtime.Invoke.future(self._rpc("ping", number=each), timeout=TIMEOUT_S) for each in CALLS]
        expect([json.loads(call.result().body)["id"] for call in calls], list(CALLS))

    def deadline(self):
        key = f"deadline-{self._session}"
        call = self._runtime.Invoke.future(self._wait(key), timeout=0.5)
        expect(call.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        self._await_state(key, "cancelled", "unknown")

    def cancel(self):
        key = f"cancel-{self._session}"
        call = self._runtime.Invoke.future(self._wait(key), timeout=30)
        self._await_state(key, "running")
        call.cancel()
        self._await_state(key, "cancelled")

    def close(self):
        expect(self._runtime.CloseSession(self._request(), timeout=TIMEOUT_S).status // 100, 2)

    def _await_state(self, key, *expected):
        """Polls `conformance_state` until a call of `conformance_wait` has one of the expected states."""
        end = time.monotonic() + TIMEOUT_S
        while (state := self._tool("conformance_state", key=key)) not in expected:
            if time.monotonic() > end:
                raise AssertionError(f"conformance_wait is {state} instead of {' or '.join(expected)}")
            time.sleep(0.02)

    def _tool(self, name, **arguments):
        """Calls a tool and returns the text of its result."""
        request = self._rpc("tools/call", {"name": name, "arguments": arguments})
        response = self._runtime.Invoke(request, timeout=TIMEOUT_S)
        expect(response.status, 200)
        return json.loads(response.body)["result"]["content"][0]["text"]

    def _wait(self, key):
        return self._rpc("tools/call", {"name": "conformance_wait", "arguments": {"key": key}})

    def _rpc(self, method, params=None, number=1):
        return self._request({"jsonrpc": "2.0", "id": number, "method": method, "params": params or {}})

    def _request(self, message=None):
        body = b"" if message is None else json.dumps(message).encode()
        return pb.McpRequest(
            path="/mcp", headers=FIELDS, auth_context=CONTEXT, session_id=self._session, body=body
        )


with grpc.insecure_channel(f"unix:{sys.argv[1]}") as channel:
    caller = Caller(rpc.McpRuntimeStub(channel))
    for name in [each for each in vars(Caller) if not each.startswith("_")]:
        try:
            getattr(caller, name)()
            problem = None
        except Exception as error:
            problem = str(error)
        print(json.dumps({"step": name, "problem": problem}))
