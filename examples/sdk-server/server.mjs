import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { callerOf, serve } from 'mcp-runtime-conformance/runtime';

function server() {
  const mcp = new McpServer({ name: 'greeter', version: '1.0.0' });
  const text = ({ authInfo }) => `Hello ${callerOf(authInfo).email ?? 'stranger'}`;
  mcp.registerTool('greet', {}, (extra) => ({ content: [{ type: 'text', text: text(extra) }] }));
  return mcp;
}

process.exit(await serve({ version: '1.0.0', options: { server } }));
