import type { GatewayRequest, OpenedStream, RuntimeConnection } from '../../../gateway/index.ts';
import type { McpRequest } from '../../../proto/index.ts';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { around, fieldOf, onRequests, withAuthority } from '../changes/gateway.ts';

/** Changes the request target. */
function atTarget(change: (url: string) => string): Pick<GatewayChange, 'request'> {
  return { request: (request) => ({ ...request, url: change(request.url) }) };
}

/** Changes the request method. */
function asMethod(change: (method: string) => string): Pick<GatewayChange, 'request'> {
  return { request: (request) => ({ ...request, method: change(request.method) }) };
}

/** Changes members of the gRPC request. */
function withMessage(
  change: (message: McpRequest, http: GatewayRequest) => Partial<McpRequest>,
): Pick<GatewayChange, 'message'> {
  return { message: (message, http) => ({ ...message, ...change(message, http) }) };
}

const serverOf = /^\/servers\/([^/]+)\/mcp/;

/** Faults in how the gateway maps HTTP requests to calls. */
export const callFaults = gatewayFaults([
  {
    name: 'post-is-never-a-stream',
    clause: 'GW-1',
    about: 'The gateway calls Invoke for POST although the runtime declares stream-post',
    connection: (inner) =>
      around(inner, {
        healthCheck: async (options) => {
          const health = await inner.healthCheck(options);
          return { ...health, capabilities: health.capabilities.filter((name) => name !== 'stream-post') };
        },
      }),
  },
  {
    name: 'post-is-a-stream-undeclared',
    clause: 'GW-1',
    about: 'The gateway calls InvokeStream for POST although the runtime does not declare stream-post',
    connection: (inner) =>
      around(inner, {
        healthCheck: async (options) => {
          const health = await inner.healthCheck(options);
          return { ...health, capabilities: [...health.capabilities, 'stream-post'] };
        },
      }),
  },
  {
    name: 'every-caller-takes-streams',
    clause: 'GW-1',
    about: 'The gateway calls InvokeStream for a POST whose caller accepts only JSON',
    request: (request) => ({ ...request, headers: [...request.headers, ['accept', 'text/event-stream']] }),
  },
  {
    name: 'accept-by-case',
    clause: 'GW-1',
    about: 'The gateway ignores text/event-stream in mixed case',
    request: (request) => ({
      ...request,
      headers: request.headers.map(([name, value]) => [name, value.replace('Text/Event-Stream', 'text/x')]),
    }),
  },
  {
    name: 'delete-is-invoke',
    clause: 'GW-2',
    about: 'The gateway calls Invoke for DELETE',
    connection: (inner) => around(inner, { closeSession: (...args) => inner.invoke(...args) }),
  },
  {
    name: 'get-twice',
    clause: 'GW-2',
    about: 'The gateway opens two streams for GET and drops one of them',
    connection: (inner) =>
      around(inner, {
        invokeStream: (request, options): OpenedStream => {
          if (request.method === 'GET') inner.invokeStream(request, options).head.catch(() => undefined);
          return inner.invokeStream(request, options);
        },
      }),
  },
  {
    name: 'capabilities-asked-once',
    clause: 'GW-3',
    about: 'The gateway applies the capabilities of the first runtime to all later ones',
    connection: (inner) => {
      let first: ReturnType<RuntimeConnection['healthCheck']> | undefined;
      return around(inner, {
        healthCheck: async (options) => {
          if (first === undefined) {
            const asked = inner.healthCheck(options);
            await asked;
            first = asked;
          }
          await inner.healthCheck(options);
          return first;
        },
      });
    },
  },
  {
    name: 'paths-normalised',
    clause: 'GW-4',
    about: 'The gateway resolves dot segments before matching the path',
    ...atTarget((url) => {
      const { pathname, search } = new URL(url, 'http://127.0.0.1');
      return `${pathname}${search}`;
    }),
  },
  {
    name: 'empty-segments-dropped',
    clause: 'GW-4',
    about: 'The gateway ignores empty path segments',
    ...atTarget((url) => url.replace(/^\/\/+/, '/').replace(/^(\/servers)\/+|\/+(mcp)(?=$|\?)/g, '$1/$2')),
  },
  {
    name: 'paths-in-any-case',
    clause: 'GW-4',
    about: 'The gateway ignores case in the path',
    ...atTarget((url) => url.replace(/^\/(MCP|Servers)/, (part) => part.toLowerCase())),
  },
  {
    name: 'paths-decoded',
    clause: 'GW-4',
    about: 'The gateway decodes the path before matching',
    ...atTarget((url) => url.replace(/%6d/gi, 'm')),
  },
  {
    name: 'paths-below-the-endpoint',
    clause: 'GW-4',
    about: 'The gateway serves MCP at paths below the endpoint',
    ...atTarget((url) => url.replace(/^(\/mcp)\/[^?]*/, '$1')),
  },
  {
    name: 'internal-paths-served',
    clause: 'GW-4',
    about: 'The gateway serves MCP at paths below /_internal',
    ...atTarget((url) => url.replace(/^\/_internal\/mcp[^?]*/, '/mcp')),
  },
  {
    name: 'absolute-form-unknown',
    clause: 'GW-4',
    about: 'The gateway rejects a request target in absolute form',
    ...atTarget((url) => (url.startsWith('http') ? '/elsewhere' : url)),
  },
  {
    name: 'put-is-post',
    clause: 'GW-5',
    about: 'The gateway treats PUT and PATCH as POST',
    ...asMethod((method) => (/^(PUT|PATCH)$/.test(method) ? 'POST' : method)),
  },
  {
    name: 'head-is-get',
    clause: 'GW-5',
    about: 'The gateway treats HEAD as GET',
    ...asMethod((method) => (method === 'HEAD' ? 'GET' : method)),
  },
  {
    name: 'options-is-get',
    clause: 'GW-5',
    about: 'The gateway treats OPTIONS as GET',
    ...asMethod((method) => (method === 'OPTIONS' ? 'GET' : method)),
  },
  {
    name: 'upgrades-are-requests',
    clause: 'GW-5',
    about: 'The gateway treats an upgrade request as an ordinary request',
    request: (request) => ({
      ...request,
      headers: request.headers.filter(([name]) => !/^(upgrade|connection)$/i.test(name)),
    }),
  },
  {
    name: 'other-methods-are-bad-requests',
    clause: 'GW-6',
    about: 'The gateway answers an unsupported method with 400',
    answer: (answer) => (answer.status === 405 ? { ...answer, status: 400 } : answer),
  },
  {
    name: 'other-paths-are-forbidden',
    clause: 'GW-6',
    about: 'The gateway answers an unknown path with 403',
    answer: (answer) => (answer.status === 404 ? { ...answer, status: 403 } : answer),
  },
  {
    name: 'query-with-its-mark',
    clause: 'GW-7',
    about: 'The gateway sends the query with its question mark',
    ...withMessage(({ query }) => ({ query: query === '' ? '' : `?${query}` })),
  },
  {
    name: 'query-rewritten',
    clause: 'GW-7',
    about: 'The gateway reserialises the query',
    ...withMessage(({ query }) => ({ query: new URLSearchParams(query).toString() })),
  },
  {
    name: 'path-of-the-endpoint-alone',
    clause: 'GW-7',
    about: 'The gateway sends every path as /mcp',
    ...withMessage(() => ({ path: '/mcp' })),
  },
  {
    name: 'method-of-the-http-client',
    clause: 'GW-7',
    about: 'The gateway sends the method in lower case',
    ...withMessage(({ method }) => ({ method: method.toLowerCase() })),
  },
  {
    name: 'body-written-anew',
    clause: 'GW-8',
    about: 'The gateway reserialises a JSON request body',
    ...withMessage(({ body }) => {
      try {
        return { body: Buffer.from(JSON.stringify(JSON.parse(Buffer.from(body).toString()))) };
      } catch {
        return {};
      }
    }),
  },
  {
    name: 'body-as-text',
    clause: 'GW-8',
    about: 'The gateway decodes a request body as text and corrupts invalid UTF-8',
    ...withMessage(({ body }) => ({ body: Buffer.from(Buffer.from(body).toString()) })),
  },
  {
    name: 'body-in-its-first-piece',
    clause: 'GW-8',
    about: 'The gateway sends only the first 64 KiB of a long request body',
    ...withMessage(({ body }) => ({ body: body.slice(0, 65_536) })),
  },
  {
    name: 'empty-bodies-filled',
    clause: 'GW-8',
    about: 'The gateway replaces an empty request body with an empty object',
    ...withMessage(({ method, body }) =>
      method === 'POST' && body.length === 0 ? { body: Buffer.from('{}') } : {},
    ),
  },
  {
    name: 'expectations-refused',
    clause: 'GW-8',
    about: 'The gateway answers Expect: 100-continue with 417',
    handler: (next) => (incoming, outgoing) => {
      if (incoming.headers.expect === undefined) next(incoming, outgoing);
      else outgoing.writeHead(417).end();
    },
  },
  {
    name: 'torn-bodies-pass',
    clause: 'GW-8',
    about: 'The gateway forwards a request body that its caller did not complete',
    request: (request) => ({
      ...request,
      signal: new AbortController().signal,
      body: (async function* () {
        try {
          yield* request.body;
        } catch {
          // The fault: the gateway ignores the abort.
        }
      })(),
    }),
  },
  {
    name: 'server-id-encoded',
    clause: 'GW-9',
    about: 'The gateway sends the server id still percent-encoded',
    ...withMessage(({ path }) => ({ serverId: serverOf.exec(path)?.[1] ?? '' })),
  },
  {
    name: 'server-id-decoded-twice',
    clause: 'GW-9',
    about: 'The gateway decodes the server id twice',
    ...withMessage(({ serverId }) => ({ serverId: unescape(serverId) })),
  },
  {
    name: 'server-id-as-a-form',
    clause: 'GW-9',
    about: 'The gateway decodes a plus in a server id as a space',
    ...withMessage(({ serverId }) => ({ serverId: serverId.replaceAll('+', ' ') })),
  },
  {
    name: 'server-id-from-a-header',
    clause: 'GW-9',
    about: 'The gateway takes the server id from a header field if the path lacks one',
    ...withMessage(({ serverId }, http) => ({ serverId: serverId || (fieldOf(http, 'x-server-id') ?? '') })),
  },
  {
    name: 'server-id-for-post-alone',
    clause: 'GW-9',
    about: 'The gateway drops the server id from GET and DELETE requests',
    ...withMessage(({ method, serverId }) => ({ serverId: method === 'POST' ? serverId : '' })),
  },
  {
    name: 'server-ids-of-any-kind',
    clause: 'GW-9',
    about: 'The gateway accepts a server id with invalid percent-encoding',
    ...atTarget((url) => url.replace(/^\/servers\/%(?![0-9a-f]{2})/i, '/servers/%25')),
  },
  {
    name: 'server-ids-with-slashes',
    clause: 'GW-9',
    about: 'The gateway accepts a server id with an encoded slash',
    request: (request) => ({ ...request, url: request.url.replace(/%2F/g, '%2B') }),
    ...withMessage(({ serverId }, http) =>
      http.url.includes('%2F') ? { serverId: serverId.replace('+', '/') } : {},
    ),
  },
  {
    name: 'session-dropped-from-delete',
    clause: 'GW-10',
    about: 'The gateway drops the session id from DELETE requests',
    ...withMessage(({ method }) => (method === 'DELETE' ? { sessionId: '' } : {})),
  },
  {
    name: 'session-in-lower-case',
    clause: 'GW-10',
    about: 'The gateway ignores mcp-session-id unless its name is in lower case',
    ...withMessage((_, http) =>
      http.headers.some(([name]) => name === 'mcp-session-id') ? {} : { sessionId: '' },
    ),
  },
  {
    name: 'first-session-counts',
    clause: 'GW-10',
    about: 'The gateway uses the first of two session ids',
    request: (request) => {
      const first = request.headers.find(([name]) => name.toLowerCase() === 'mcp-session-id');
      return {
        ...request,
        headers: request.headers.filter(
          (field) => field === first || field[0].toLowerCase() !== 'mcp-session-id',
        ),
      };
    },
  },
  {
    name: 'session-from-an-internal-field',
    clause: 'GW-10',
    about: 'The gateway takes the session id from x-mcp-session-id',
    ...withMessage(({ sessionId }, http) => ({
      sessionId: sessionId || (fieldOf(http, 'x-mcp-session-id') ?? ''),
    })),
  },
  {
    name: 'session-from-the-query',
    clause: 'GW-10',
    about: 'The gateway takes the session id from the query',
    ...withMessage(({ sessionId, query }) => ({
      sessionId: sessionId || (new URLSearchParams(query).get('session_id') ?? ''),
    })),
  },
  {
    name: 'session-of-any-bytes',
    clause: 'GW-10',
    about: 'The gateway forwards a session id outside visible ASCII',
    ...withMessage((_, http) => {
      const id = fieldOf(http, 'mcp-session-id') ?? '';
      return /^[\x20-\x7e]*$/.test(id) ? {} : { sessionId: id };
    }),
  },
  {
    name: 'affinity-of-anybody',
    clause: 'GW-11',
    about: 'The gateway trusts x-forwarded-internally from remote peers',
    request: (request) => ({ ...request, peerAddress: '127.0.0.1' }),
  },
  {
    name: 'affinity-of-any-value',
    clause: 'GW-11',
    about: 'The gateway trusts x-forwarded-internally with any value',
    ...withMessage((_, http) => ({
      affinityForwarded: fieldOf(http, 'x-forwarded-internally') !== undefined,
    })),
  },
  {
    name: 'affinity-of-several',
    clause: 'GW-11',
    about: 'The gateway trusts a repeated x-forwarded-internally',
    request: (request) => onRequests.once(request, 'x-forwarded-internally'),
  },
  {
    name: 'affinity-never',
    clause: 'GW-11',
    about: 'The gateway always sends affinity_forwarded as false',
    ...withMessage(() => ({ affinityForwarded: false })),
  },
  {
    name: 'affinity-of-loopback',
    clause: 'GW-11',
    about: 'The gateway marks every call from a loopback peer as forwarded',
    ...withMessage((_, { peerAddress }) => ({ affinityForwarded: peerAddress === '127.0.0.1' })),
  },
  {
    name: 'path-as-authority',
    clause: 'GW-61',
    about: 'The gateway sends the percent-encoded path of the socket as authority',
    connection: withAuthority('%2Frun%2Fmcp%2Fruntime.sock'),
  },
]);
