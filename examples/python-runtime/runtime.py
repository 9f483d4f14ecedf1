"""A small MCP runtime that serves gRPC on a Unix domain socket: sessions, ping and two tools."""

import asyncio
import base64
import json
import os
import secrets
import signal
from dataclasses import dataclass

import grpc

from contextforge.mcp.runtime.v1 import mcp_runtime_pb2 as pb
from contextforge.mcp.runtime.v1 import mcp_runtime_pb2_grpc as rpc

REVISIONS = ("2025-11-25", "2025-06-18")
MAX_BODY = 4 * 1024 * 1024
# Room for a body that is too large, so that the runtime and not gRPC refuses it, and for the other fields of a request.
MAX_MESSAGE = 16 * 1024 * 1024

TOOLS = {
    "test_simple_text": {
        "name": "test_simple_text",
        "description": "Returns a fixed text",
        "inputSchema": {"type": "object", "properties": {}, "additionalProperties": False},
    },
    "conformance_echo": {
        "name": "conformance_echo",
        "description": "Returns its argument",
        "inputSchema": {
            "type": "object",
            "properties": {"text": {"type": "string"}},
            "required": ["text"],
            "additionalProperties": False,
        },
    },
}


@dataclass(frozen=True)
class Session:
    owner: str | None
    scope: str


@dataclass(frozen=True)
class Number:
    """A JSON number as the caller wrote it: an id of -0.250 must come back as -0.250."""

    text: str


class Refused(Exception):
    """Raised to answer a call with an HTTP status and a JSON-RPC error."""

    def __init__(self, status, code, text, request_id=None):
        super().__init__(text)
        self.response = failure(status, request_id, code, text)


class Runtime(rpc.McpRuntimeServicer):
    def __init__(self):
        self.sessions = {}

    async def HealthCheck(self, request, context):
        return pb.HealthResponse(status="ok", mode="full", version="0.1.0", capabilities=["contract-1.1"])

    async def Invoke(self, request, context):
        try:
            check_revision(request)
            return self.answer(request, read_message(request.body))
        except Refused as refused:
            return refused.response

    async def InvokeStream(self, request, context):
        try:
            check_revision(request)
            self.session_of(request)
        except Refused as refused:
            yield pb.McpChunk(done=True, error_status=refused.response.status)
            return
        # The live stream stays open until the caller ends it. This runtime sends no messages of its own.
        await asyncio.Event().wait()

    async def CloseSession(self, request, context):
        try:
            check_revision(request)
            self.session_of(request)
        except Refused as refused:
            return refused.response
        del self.sessions[request.session_id]
        return pb.McpResponse(status=200)

    def answer(self, request, message):
        if message.get("method") == "initialize" and "id" in message and request.session_id == "":
            return self.initialize(request, message)
        self.session_of(request)
        if "method" not in message or "id" not in message:
            return pb.McpResponse(status=202)
        return dispatch(message["method"], message.get("params", {}), message["id"])

    def initialize(self, request, message):
        params = message.get("params")
        requested = params.get("protocolVersion") if isinstance(params, dict) else None
        if not isinstance(requested, str):
            return failure(200, message["id"], -32602, "protocolVersion must be a string")
        session_id = secrets.token_urlsafe(24)
        self.sessions[session_id] = Session(owner_of(request), request.server_id)
        result = {
            "protocolVersion": requested if requested in REVISIONS else REVISIONS[0],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "python-runtime", "version": "0.1.0"},
        }
        return success(message["id"], result, {"mcp-session-id": session_id})

    def session_of(self, request):
        """Returns the session of a call, and raises Refused if the caller may not use it."""
        session = self.sessions.get(request.session_id)
        if session is None:
            raise Refused(400 if request.session_id == "" else 404, -32600, "no such session")
        if session != Session(owner_of(request), request.server_id):
            raise Refused(403, -32600, "the session belongs to another caller")
        return session


def check_revision(request):
    headers = {name.lower(): value for name, value in request.headers.items()}
    if headers.get("mcp-protocol-version", REVISIONS[0]) not in REVISIONS:
        raise Refused(400, -32600, f"supported revisions: {', '.join(REVISIONS)}")


def read_message(body):
    """Parses a body as a JSON-RPC message, and raises Refused if the body is invalid."""
    if len(body) > MAX_BODY:
        raise Refused(413, -32600, "the body has more than 4 MiB")
    try:
        message = json.loads(body.decode(), parse_int=Number, parse_float=Number, parse_constant=reject_constant)
    except ValueError:
        raise Refused(400, -32700, "the body is not JSON") from None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise Refused(400, -32600, "the body is not a JSON-RPC message", id_of(message))
    if "id" in message and id_of(message) is None:
        raise Refused(400, -32600, "an id is a string or a number")
    is_call = isinstance(message.get("method"), str)
    is_response = "id" in message and ("result" in message) != ("error" in message)
    if not is_call and ("method" in message or not is_response):
        raise Refused(400, -32600, "the body is not a request, notification or response", id_of(message))
    return message


def reject_constant(name):
    raise ValueError(f"{name} is not JSON")


def id_of(message):
    value = message.get("id") if isinstance(message, dict) else None
    return value if isinstance(value, (str, Number)) else None


def owner_of(request):
    """Returns the caller's e-mail address from the auth context, or None for a caller without identity."""
    encoded = request.auth_context.encoded
    if encoded == "":
        return None
    claims = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return claims.get("email") if claims.get("is_authenticated") else None


def dispatch(method, params, request_id):
    if not isinstance(params, dict):
        return failure(200, request_id, -32602, "params must be an object")
    if method == "ping":
        return success(request_id, {})
    if method == "tools/list":
        if params.get("cursor") is not None:
            return failure(200, request_id, -32602, "unknown cursor")
        return success(request_id, {"tools": list(TOOLS.values())})
    if method == "tools/call":
        return call_tool(params, request_id)
    return failure(200, request_id, -32601, "method not found")


def call_tool(params, request_id):
    name = params.get("name")
    if not isinstance(name, str) or name not in TOOLS:
        return failure(200, request_id, -32602, "unknown tool")
    arguments = params.get("arguments", {})
    if not isinstance(arguments, dict):
        return failure(200, request_id, -32602, "arguments must be an object")
    if name == "test_simple_text" and arguments == {}:
        return success(request_id, content("This is a simple text response for testing."))
    if name == "conformance_echo" and arguments.keys() == {"text"} and isinstance(arguments["text"], str):
        return success(request_id, content(arguments["text"]))
    return success(request_id, {**content(f"Invalid arguments for {name}"), "isError": True})


def content(text):
    return {"content": [{"type": "text", "text": text}]}


def success(request_id, result, headers=None):
    return response(200, request_id, "result", result, headers)


def failure(status, request_id, code, text):
    return response(status, request_id, "error", {"code": code, "message": text})


def response(status, request_id, member, value, headers=None):
    id_text = request_id.text if isinstance(request_id, Number) else json.dumps(request_id)
    body = f'{{"jsonrpc":"2.0","id":{id_text},"{member}":{json.dumps(value)}}}'
    return pb.McpResponse(
        status=status,
        headers={"content-type": "application/json", **(headers or {})},
        body=body.encode(),
    )


async def main():
    path = os.environ.get("MCP_RUNTIME_GRPC_UDS") or os.environ.get("MCP_RUST_GRPC_UDS")
    if not path:
        raise SystemExit("set MCP_RUNTIME_GRPC_UDS to the path of the socket")
    # The socket gets mode 0600.
    os.umask(0o177)
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", MAX_MESSAGE)])
    rpc.add_McpRuntimeServicer_to_server(Runtime(), server)
    server.add_insecure_port(f"unix:{path}")
    await server.start()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    await server.stop(grace=1)


asyncio.run(main())
