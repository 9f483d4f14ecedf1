import type { GatewayRequest, OpenedStream, RuntimeConnection } from '../../../gateway/index.ts';
import type { McpRequest } from '../../../proto/index.ts';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { around, fieldOf, onRequests } from '../changes/gateway.ts';

/** The request with another target. */
function atTarget(change: (url: string) => string): Pick<GatewayChange, 'request'> {
  return { request: (request) => ({ ...request, url: change(request.url) }) };
}

/** The request with another method. */
function asMethod(change: (method: string) => string): Pick<GatewayChange, 'request'> {
  return { request: (request) => ({ ...request, method: change(request.method) }) };
}

/** The message with other members. */
function saying(
  change: (message: McpRequest, http: GatewayRequest) => Partial<McpRequest>,
): Pick<GatewayChange, 'message'> {
  return { message: (message, http) => ({ ...message, ...change(message, http) }) };
}

const serverOf = /^\/servers\/([^/]+)\/mcp/;

/** Faults of what call a request becomes, and what the call says. */
export const callFaults = gatewayFaults([
  {
    name: 'post-is-never-a-stream',
    clause: 'GW-1',
    about: 'A POST becomes Invoke though the runtime declares stream-post',
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
    about: 'A POST becomes InvokeStream where the runtime does not declare stream-post',
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
    about: 'A POST becomes InvokeStream though its caller accepts JSON alone',
    request: (request) => ({ ...request, headers: [...request.headers, ['accept', 'text/event-stream']] }),
  },
  {
    name: 'accept-by-case',
    clause: 'GW-1',
    about: 'A caller that writes text/event-stream in capitals gets no stream',
    request: (request) => ({
      ...request,
      headers: request.headers.map(([name, value]) => [name, value.replace('Text/Event-Stream', 'text/x')]),
    }),
  },
  {
    name: 'delete-is-invoke',
    clause: 'GW-2',
    about: 'DELETE becomes Invoke',
    connection: (inner) => around(inner, { closeSession: (...args) => inner.invoke(...args) }),
  },
  {
    name: 'get-twice',
    clause: 'GW-2',
    about: 'GET becomes two streams, of which one is dropped',
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
    about: 'What the first runtime declared counts for all that follow',
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
    about: 'Dot segments are resolved before the path is looked at',
    ...atTarget((url) => {
      const { pathname, search } = new URL(url, 'http://127.0.0.1');
      return `${pathname}${search}`;
    }),
  },
  {
    name: 'empty-segments-dropped',
    clause: 'GW-4',
    about: 'Empty segments of a path count for nothing',
    ...atTarget((url) => url.replace(/^\/\/+/, '/').replace(/^(\/servers)\/+|\/+(mcp)(?=$|\?)/g, '$1/$2')),
  },
  {
    name: 'paths-in-any-case',
    clause: 'GW-4',
    about: 'A path in capitals is the endpoint',
    ...atTarget((url) => url.replace(/^\/(MCP|Servers)/, (part) => part.toLowerCase())),
  },
  {
    name: 'paths-decoded',
    clause: 'GW-4',
    about: 'A path is decoded before it is looked at',
    ...atTarget((url) => url.replace(/%6d/gi, 'm')),
  },
  {
    name: 'paths-below-the-endpoint',
    clause: 'GW-4',
    about: 'Whatever is below the endpoint is the endpoint',
    ...atTarget((url) => url.replace(/^(\/mcp)\/[^?]*/, '$1')),
  },
  {
    name: 'internal-paths-served',
    clause: 'GW-4',
    about: 'Paths below /_internal are the endpoint',
    ...atTarget((url) => url.replace(/^\/_internal\/mcp[^?]*/, '/mcp')),
  },
  {
    name: 'absolute-form-unknown',
    clause: 'GW-4',
    about: 'A target in absolute form is another path',
    ...atTarget((url) => (url.startsWith('http') ? '/elsewhere' : url)),
  },
  {
    name: 'put-is-post',
    clause: 'GW-5',
    about: 'PUT and PATCH are taken for POST',
    ...asMethod((method) => (/^(PUT|PATCH)$/.test(method) ? 'POST' : method)),
  },
  {
    name: 'head-is-get',
    clause: 'GW-5',
    about: 'HEAD is taken for GET',
    ...asMethod((method) => (method === 'HEAD' ? 'GET' : method)),
  },
  {
    name: 'options-is-get',
    clause: 'GW-5',
    about: 'OPTIONS is taken for GET',
    ...asMethod((method) => (method === 'OPTIONS' ? 'GET' : method)),
  },
  {
    name: 'upgrades-are-requests',
    clause: 'GW-5',
    about: 'A request to upgrade is taken for an ordinary one',
    request: (request) => ({
      ...request,
      headers: request.headers.filter(([name]) => !/^(upgrade|connection)$/i.test(name)),
    }),
  },
  {
    name: 'other-methods-are-bad-requests',
    clause: 'GW-6',
    about: 'Another method is answered 400',
    answer: (answer) => (answer.status === 405 ? { ...answer, status: 400 } : answer),
  },
  {
    name: 'other-paths-are-forbidden',
    clause: 'GW-6',
    about: 'Another path is answered 403',
    answer: (answer) => (answer.status === 404 ? { ...answer, status: 403 } : answer),
  },
  {
    name: 'query-with-its-mark',
    clause: 'GW-7',
    about: 'The query comes with its question mark',
    ...saying(({ query }) => ({ query: query === '' ? '' : `?${query}` })),
  },
  {
    name: 'query-rewritten',
    clause: 'GW-7',
    about: 'The query is parsed and written anew',
    ...saying(({ query }) => ({ query: new URLSearchParams(query).toString() })),
  },
  {
    name: 'path-of-the-endpoint-alone',
    clause: 'GW-7',
    about: 'Every path comes as /mcp',
    ...saying(() => ({ path: '/mcp' })),
  },
  {
    name: 'method-of-the-http-client',
    clause: 'GW-7',
    about: 'The method comes in lower-case',
    ...saying(({ method }) => ({ method: method.toLowerCase() })),
  },
  {
    name: 'body-written-anew',
    clause: 'GW-8',
    about: 'A body that is JSON is parsed and written anew',
    ...saying(({ body }) => {
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
    about: 'A body goes through text, and loses what is no UTF-8',
    ...saying(({ body }) => ({ body: Buffer.from(Buffer.from(body).toString()) })),
  },
  {
    name: 'body-in-its-first-piece',
    clause: 'GW-8',
    about: 'Of a long body the first 64 KiB come',
    ...saying(({ body }) => ({ body: body.slice(0, 65_536) })),
  },
  {
    name: 'empty-bodies-filled',
    clause: 'GW-8',
    about: 'An empty body becomes an empty object',
    ...saying(({ method, body }) =>
      method === 'POST' && body.length === 0 ? { body: Buffer.from('{}') } : {},
    ),
  },
  {
    name: 'expectations-refused',
    clause: 'GW-8',
    about: 'A caller that waits to be asked for its body is answered 417',
    handler: (next) => (incoming, outgoing) => {
      if (incoming.headers.expect === undefined) next(incoming, outgoing);
      else outgoing.writeHead(417).end();
    },
  },
  {
    name: 'torn-bodies-pass',
    clause: 'GW-8',
    about: 'A body that its caller left in the middle goes on as far as it came',
    request: (request) => ({
      ...request,
      signal: new AbortController().signal,
      body: (async function* () {
        try {
          yield* request.body;
        } catch {
          // That is the fault.
        }
      })(),
    }),
  },
  {
    name: 'server-id-encoded',
    clause: 'GW-9',
    about: 'The server id is not decoded',
    ...saying(({ path }) => ({ serverId: serverOf.exec(path)?.[1] ?? '' })),
  },
  {
    name: 'server-id-decoded-twice',
    clause: 'GW-9',
    about: 'The server id is decoded twice',
    ...saying(({ serverId }) => ({ serverId: unescape(serverId) })),
  },
  {
    name: 'server-id-as-a-form',
    clause: 'GW-9',
    about: 'A plus in a server id is a space',
    ...saying(({ serverId }) => ({ serverId: serverId.replaceAll('+', ' ') })),
  },
  {
    name: 'server-id-from-a-header',
    clause: 'GW-9',
    about: 'A header field names the server where the path does not',
    ...saying(({ serverId }, http) => ({ serverId: serverId || (fieldOf(http, 'x-server-id') ?? '') })),
  },
  {
    name: 'server-id-for-post-alone',
    clause: 'GW-9',
    about: 'GET and DELETE lose their server',
    ...saying(({ method, serverId }) => ({ serverId: method === 'POST' ? serverId : '' })),
  },
  {
    name: 'server-ids-of-any-kind',
    clause: 'GW-9',
    about: 'An ID that cannot be decoded is taken as it is',
    ...atTarget((url) => url.replace(/^\/servers\/%(?![0-9a-f]{2})/i, '/servers/%25')),
  },
  {
    name: 'server-ids-with-slashes',
    clause: 'GW-9',
    about: 'An ID with an encoded slash is taken',
    request: (request) => ({ ...request, url: request.url.replace(/%2F/g, '%2B') }),
    ...saying(({ serverId }, http) =>
      http.url.includes('%2F') ? { serverId: serverId.replace('+', '/') } : {},
    ),
  },
  {
    name: 'session-dropped-from-delete',
    clause: 'GW-10',
    about: 'DELETE loses its session',
    ...saying(({ method }) => (method === 'DELETE' ? { sessionId: '' } : {})),
  },
  {
    name: 'session-in-lower-case',
    clause: 'GW-10',
    about: 'The session field counts in lower-case alone',
    ...saying((_, http) =>
      http.headers.some(([name]) => name === 'mcp-session-id') ? {} : { sessionId: '' },
    ),
  },
  {
    name: 'first-session-counts',
    clause: 'GW-10',
    about: 'Of two session ids the first one counts',
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
    about: 'x-mcp-session-id names the session',
    ...saying(({ sessionId }, http) => ({
      sessionId: sessionId || (fieldOf(http, 'x-mcp-session-id') ?? ''),
    })),
  },
  {
    name: 'session-from-the-query',
    clause: 'GW-10',
    about: 'The query names the session',
    ...saying(({ sessionId, query }) => ({
      sessionId: sessionId || (new URLSearchParams(query).get('session_id') ?? ''),
    })),
  },
  {
    name: 'session-of-any-bytes',
    clause: 'GW-10',
    about: 'A session id outside visible ASCII goes on',
    ...saying((_, http) => {
      const id = fieldOf(http, 'mcp-session-id') ?? '';
      return /^[\x20-\x7e]*$/.test(id) ? {} : { sessionId: id };
    }),
  },
  {
    name: 'affinity-of-anybody',
    clause: 'GW-11',
    about: 'A peer elsewhere is believed',
    request: (request) => ({ ...request, peerAddress: '127.0.0.1' }),
  },
  {
    name: 'affinity-of-any-value',
    clause: 'GW-11',
    about: 'Any value of x-forwarded-internally counts',
    ...saying((_, http) => ({ affinityForwarded: fieldOf(http, 'x-forwarded-internally') !== undefined })),
  },
  {
    name: 'affinity-of-several',
    clause: 'GW-11',
    about: 'x-forwarded-internally counts when it comes twice',
    request: (request) => onRequests.once(request, 'x-forwarded-internally'),
  },
  {
    name: 'affinity-never',
    clause: 'GW-11',
    about: 'affinity_forwarded is never true',
    ...saying(() => ({ affinityForwarded: false })),
  },
  {
    name: 'affinity-of-loopback',
    clause: 'GW-11',
    about: 'Every call of a loopback peer counts as forwarded',
    ...saying((_, { peerAddress }) => ({ affinityForwarded: peerAddress === '127.0.0.1' })),
  },
]);
