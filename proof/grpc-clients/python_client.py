"""Calls every RPC of a runtime with the defaults of grpcio. Usage: python_client.py SOCKET

Prints a line of JSON for each step: its name, and its problem or null. The folder of the generated code is in PYTHONPATH.
"""

import base64
import json
import sys

import grpc

from contextforge.mcp.runtime.v1 import mcp_runtime_pb2 as pb
from contextforge.mcp.runtime.v1 import mcp_runtime_pb2_grpc as rpc

CLAIMS = json.dumps({"email": "client@example.com", "teams": [], "is_authenticated": True})
CONTEXT = pb.McpAuthContext(encoded=base64.urlsafe_b64encode(CLAIMS.encode()).decode().rstrip("="))
FIELDS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "grpcio", "version": "1"}}


def request(session="", method=None, params=None):
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    body = b"" if method is None else json.dumps(message).encode()
    return pb.McpRequest(path="/mcp", headers=FIELDS, auth_context=CONTEXT, session_id=session, body=body)


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {actual!r} instead of {wanted!r}")


def steps(runtime):
    def health():
        expect(runtime.HealthCheck(pb.HealthRequest(), timeout=10).status, "ok")

    def initialize():
        response = runtime.Invoke(request(method="initialize", params=HANDSHAKE), timeout=10)
        expect(response.status, 200)
        session.append(response.headers["mcp-session-id"])

    def ping():
        expect(runtime.Invoke(request(session[0], "ping"), timeout=10).status, 200)

    def stream():
        live = runtime.InvokeStream(request(session[0]), timeout=10)
        expect(next(live).status, 200)
        live.cancel()

    def close():
        expect(runtime.CloseSession(request(session[0]), timeout=10).status // 100, 2)

    session = []
    return [health, initialize, ping, stream, close]


with grpc.insecure_channel(f"unix:{sys.argv[1]}") as channel:
    for step in steps(rpc.McpRuntimeStub(channel)):
        try:
            step()
            problem = None
        except Exception as error:
            problem = str(error)
        print(json.dumps({"step": step.__name__, "problem": problem}))
