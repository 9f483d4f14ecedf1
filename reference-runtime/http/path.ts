const endpoint = /^\/(?:servers\/([^/?#]+)\/)?mcp$/;

/** Whether a path is the MCP endpoint: `/mcp` or `/servers/ID/mcp`, nothing else (RPC-6, RPC-7). */
export function isEndpoint(path: string): boolean {
  const match = endpoint.exec(path);
  return match !== null && match[1] !== '.' && match[1] !== '..';
}
