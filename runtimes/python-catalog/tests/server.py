import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server

from mcp_conformance_catalog import mount


async def main():
    server = Server("catalog", version="1.0.0")
    mount(server)
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())


anyio.run(main)
