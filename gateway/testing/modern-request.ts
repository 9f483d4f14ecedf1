import { rpc } from './reference-gateway.ts';
import { post } from './scripted-gateway.ts';

/** The revision without sessions. */
export const modernRevision = '2026-07-28';

/** Returns the options of a request of the revision without sessions. */
export function modern(
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  version = modernRevision,
) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const { name } = params;
  return post(rpc(1, method, { ...params, _meta }), {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': name }),
  });
}
