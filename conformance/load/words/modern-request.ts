import { isObject } from '../../../base/is-object.ts';
import { modernRevisions } from '../revisions.ts';
import type { Place } from './place.ts';

/** The prefix of the members of `_meta` that MCP reserves. */
const reserved = 'io.modelcontextprotocol/';

interface WrittenModern {
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly id?: unknown;
  readonly version?: string;
  readonly capabilities?: object;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/**
 * `modern: { method: server/discover }` in a request: a JSON-RPC request of MCP 2026-07-28, and the header fields that
 * repeat its revision, its method and its name. Header fields of the request replace these.
 */
export function modernRequest(
  written: Readonly<Record<string, unknown>>,
  place: Place,
): Record<string, unknown> {
  const { modern, headers, ...request } = written;
  const {
    method,
    params,
    id = 1,
    version = modernRevisions[0],
    capabilities = {},
    meta,
  }: WrittenModern = Object(modern);
  place.moved(['message', 'params'], ['modern', 'params']);
  place.moved(['message', 'id'], ['modern', 'id']);
  const members = {
    [`${reserved}protocolVersion`]: version,
    [`${reserved}clientCapabilities`]: capabilities,
    ...meta,
  };
  const _meta = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
  const name = params?.['name'] ?? params?.['uri'];
  return {
    ...request,
    headers: {
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...(isObject(headers) && headers),
    },
    message: { id, method, params: { ...params, _meta } },
  };
}
