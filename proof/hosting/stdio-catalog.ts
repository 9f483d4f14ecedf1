import { createInterface } from 'node:readline';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { anonymousCaller } from '../../reference-runtime/identity/caller.ts';
import { catalogs } from '../../reference-runtime/index.ts';
import { CatalogServer } from './catalog-server.ts';

// Stdio MCP server with the conformance catalog, for `serve --stdio`. The cases that must fail are in
// `stdio-known-failures.yaml`.
const scope = { caller: anonymousCaller, serverId: '', owner: 'session' };
const server: CatalogServer = new CatalogServer({
  catalog: catalogs.conformance(),
  scopeOf: () => scope,
  suspend: () => {},
  resourceUpdated: (uri) => void server.notifyUpdated(uri),
});

/** The catalog sends progress with a placeholder, because the reference runtime writes the token. */
function withToken(message: JSONRPCMessage, related: string | number | undefined): string {
  const text = JSON.stringify(message);
  if (!('method' in message) || message.method !== 'notifications/progress') return text;
  const progressToken = JSON.parse(server.progressToken(related ?? '') ?? 'null');
  return JSON.stringify({ ...message, params: { ...message.params, progressToken } });
}

const transport: Transport = {
  start: async () => {},
  send: async (message, options) => {
    process.stdout.write(`${withToken(message, options?.relatedRequestId)}\n`);
  },
  close: async () => {},
};

await server.connect(transport);
for await (const line of createInterface({ input: process.stdin })) {
  transport.onmessage?.(JSON.parse(line) as JSONRPCMessage);
}
