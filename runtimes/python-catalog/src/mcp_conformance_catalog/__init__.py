"""The conformance catalog (docs/catalog.md) for servers of the official Python SDK for MCP.

It adds the tools, resources and prompts that the cases of mcp-runtime-conformance use:

    server = MCPServer("mine")
    mount(server)

Use it in test builds only: its tools block, flood and fail on request.
"""

from .call import Caller
from .mount import mount

__all__ = ["Caller", "mount"]
