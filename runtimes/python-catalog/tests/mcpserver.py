from mcp.server import MCPServer

from mcp_conformance_catalog import mount

server = MCPServer("catalog", version="1.0.0")
mount(server)
server.run()
