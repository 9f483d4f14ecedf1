import type { GatewayRequest } from '../../../gateway/index.ts';
import type { McpRequest } from '../../../proto/index.ts';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { answering, bytesOf, fieldOf, onRequests } from '../changes/gateway.ts';

/** A JSON-RPC request in the body of a call, or an empty object. */
function requestIn({ body }: McpRequest): Readonly<{ method?: unknown; params?: unknown }> {
  try {
    return Object(JSON.parse(Buffer.from(body).toString()));
  } catch {
    return {};
  }
}

/** Changes the header fields of calls. */
function fields(
  change: (fields: Readonly<Record<string, string>>, message: McpRequest) => Record<string, string>,
): Pick<GatewayChange, 'message'> {
  return { message: (message) => ({ ...message, headers: change(message.headers, message) }) };
}

/** Refuses requests, without an error code of MCP. */
function refusing(isRefused: (request: GatewayRequest) => boolean): Pick<GatewayChange, 'around'> {
  const body = bytesOf({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Refused' } });
  return {
    around: () => (next) => async (request) =>
      isRefused(request)
        ? { status: 400, headers: [['content-type', 'application/json']], body }
        : next(request),
  };
}

/** Faults in requests of MCP 2026-07-28. */
export const modernFaults = gatewayFaults([
  {
    name: 'encoded-names-decoded',
    clause: 'GW-51',
    about: 'The gateway decodes encoded values of mcp-name',
    ...fields((headers) => {
      const encoded = /^=\?base64\?(.*)\?=$/.exec(headers['mcp-name'] ?? '')?.[1];
      if (encoded === undefined) return headers;
      return { ...headers, 'mcp-name': Buffer.from(encoded, 'base64').toString('latin1') };
    }),
  },
  {
    name: 'methods-in-lower-case',
    clause: 'GW-51',
    about: 'The gateway converts mcp-method to lower case',
    ...fields((headers) => {
      const method = headers['mcp-method'];
      return method === undefined ? headers : { ...headers, 'mcp-method': method.toLowerCase() };
    }),
  },
  {
    name: 'parameters-dropped',
    clause: 'GW-51',
    about: 'The gateway drops mcp-param-*',
    ...fields((headers) =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('mcp-param-'))),
    ),
  },
  {
    name: 'methods-from-the-body',
    clause: 'GW-51',
    about: 'The gateway adds mcp-method from the body',
    ...fields((headers, message) => {
      const { method } = requestIn(message);
      return typeof method === 'string' ? { 'mcp-method': method, ...headers } : headers;
    }),
  },
  {
    name: 'names-from-the-body',
    clause: 'GW-51',
    about: 'The gateway adds mcp-name from the body if the request names its version',
    ...fields((headers, message) => {
      const { name }: { readonly name?: unknown } = Object(requestIn(message).params);
      return typeof name === 'string' && 'mcp-protocol-version' in headers
        ? { 'mcp-name': name, ...headers }
        : headers;
    }),
  },
  {
    name: 'unknown-versions-refused',
    clause: 'GW-52',
    about: 'The gateway refuses revisions that it does not know',
    ...refusing((request) => fieldOf(request, 'mcp-protocol-version')?.startsWith('2099') === true),
  },
  {
    name: 'unknown-methods-refused',
    clause: 'GW-52',
    about: 'The gateway refuses methods that it does not know',
    ...refusing((request) => fieldOf(request, 'mcp-method') === 'no/such'),
  },
  {
    name: 'other-fields-refused-with-another-code',
    clause: 'GW-52',
    about: 'The gateway refuses fields that differ from the body with -32600',
    ...refusing(
      (request) =>
        fieldOf(request, 'mcp-method') === 'tools/list' &&
        fieldOf(request, 'mcp-protocol-version') === undefined,
    ),
  },
  {
    name: 'first-method-of-several',
    clause: 'GW-53',
    about: 'The gateway forwards the first of several values of mcp-method',
    request: (request) => onRequests.once(request, 'mcp-method'),
  },
  {
    name: 'first-version-of-several',
    clause: 'GW-53',
    about: 'The gateway forwards the first of several values of mcp-protocol-version',
    request: (request) => onRequests.once(request, 'mcp-protocol-version'),
  },
  {
    name: 'first-parameter-of-several',
    clause: 'GW-53',
    about: 'The gateway forwards the first of several values of mcp-param-region',
    request: (request) => onRequests.once(request, 'mcp-param-region'),
  },
  {
    name: 'equal-methods-merged',
    clause: 'GW-53',
    about: 'The gateway merges equal values of a repeated routing field',
    ...fields((headers) =>
      headers['mcp-method'] === 'tools/call, tools/call'
        ? { ...headers, 'mcp-method': 'tools/call' }
        : headers,
    ),
  },
  {
    name: 'streams-for-buffering-proxies',
    clause: 'GW-54',
    about: 'The gateway does not ask proxies to pass on streams at once',
    ...answering(({ headers }) => ({ headers: headers.filter(([name]) => name !== 'x-accel-buffering') })),
  },
  {
    name: 'unserved-methods-not-found',
    clause: 'GW-55',
    about: 'The gateway answers 404 to methods that the runtime does not serve',
    ...answering(({ status }) => (status === 405 ? { status: 404 } : {})),
  },
]);
