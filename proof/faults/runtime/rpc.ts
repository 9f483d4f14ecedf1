import { create } from '@bufbuild/protobuf';
import { httpMethods, McpRequestSchema, type McpResponse } from '../../../proto/index.ts';
import { CallRefused } from '../../../reference-runtime/failures/call-refused.ts';
import { addService } from '../../../reference-runtime/grpc/handlers.ts';
import { leaveEndedCalls } from '../../../reference-runtime/grpc/signals.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { changeStatus, onConnections, onHttp2, refuse, refusingFrames } from '../changes/http2.ts';
import {
  isMarked,
  mark,
  onHandlers,
  onRequest,
  onResponse,
  onUnary,
  ownerUncheckedWhen,
  scopeUncheckedWhen,
} from '../changes/runtime.ts';

/** Skips the check for control characters in one request field. */
function uncheckedField(field: 'query' | 'serverId' | 'sessionId' | 'path' | 'method'): Hooks {
  return {
    checkFields(request) {
      defaultHooks.checkFields({ ...request, [field]: '' });
    },
  };
}

/** Serves unknown RPC paths. @param found maps an unknown path to a known one */
function onUnknownPath(found: (path: string) => string | undefined): Hooks {
  return {
    addService(server, handlers) {
      addService(server, handlers);
      const table: unknown = Reflect.get(server, 'handlers');
      if (!(table instanceof Map)) throw new Error('cannot find the handler table of grpc-js');
      const get = table.get.bind(table);
      table.get = (path: string) => get(path) ?? get(found(path));
    },
  };
}

const service = '/contextforge.mcp.runtime.v1.McpRuntime/';
const common = /^(:|te$|content-type$|user-agent$|grpc-)/;

/** The open streams of each connection. */
const openStreams = new WeakMap<object, Set<object>>();

/** Destroys a connection when its client has reset more than `most` calls. */
function endingAfterResets(most: number): Hooks {
  return refusingFrames(() => {
    let resets = 0;
    return ({ type }) => {
      if (type === 3) resets += 1;
      return resets > most;
    };
  });
}

/** Faults in the RPCs and in request fields. */
export const rpcFaults = runtimeFaults([
  {
    name: 'close-session-unimplemented',
    clause: 'RPC-1',
    about: 'The runtime answers CloseSession with UNIMPLEMENTED',
    hooks: onHandlers(() => ({
      closeSession: (_call, callback) => callback({ code: 12, details: 'Not implemented' }),
    })),
  },
  {
    name: 'method-names-in-any-case',
    clause: 'RPC-2',
    about: 'The runtime ignores case in RPC names',
    hooks: onUnknownPath((path) => (path.endsWith('/healthCheck') ? `${service}HealthCheck` : undefined)),
  },
  {
    name: 'service-of-any-version',
    clause: 'RPC-2',
    about: 'The runtime serves RPCs of other service versions',
    hooks: onUnknownPath((path) => path.replace(/^.*\//, service)),
  },
  {
    name: 'unknown-methods-are-health-checks',
    clause: 'RPC-2',
    about: 'The runtime answers unknown RPCs as health checks',
    hooks: onUnknownPath(() => `${service}HealthCheck`),
  },
  {
    name: 'unknown-fields-refused',
    clause: 'RPC-3',
    about: 'The runtime refuses unknown protobuf fields in a request',
    hooks: onRequest((request) => {
      if (request.$unknown !== undefined && request.$unknown.length > 0) throw new Error('unknown field');
    }),
  },
  {
    name: 'unknown-nested-fields-refused',
    clause: 'RPC-3',
    about: 'The runtime refuses unknown protobuf fields in an auth context',
    hooks: onRequest(({ authContext }) => {
      if ((authContext?.$unknown?.length ?? 0) > 0) throw new Error('unknown field');
    }),
  },
  {
    name: 'malformed-is-empty',
    clause: 'RPC-4',
    about: 'The runtime treats a malformed message as empty',
    hooks: {
      decodeRequest(bytes) {
        try {
          return defaultHooks.decodeRequest(bytes);
        } catch {
          return create(McpRequestSchema);
        }
      },
    },
  },
  {
    name: 'any-method-agrees',
    clause: 'RPC-5',
    about: 'The runtime ignores the method field',
    hooks: {
      readMethod: (rpc, method) =>
        rpc === 'InvokeStream' && method === 'POST' ? 'POST' : httpMethods[rpc][0],
    },
  },
  {
    name: 'method-in-any-case',
    clause: 'RPC-5',
    about: 'The runtime accepts a lower-case method',
    hooks: { readMethod: (rpc, method) => defaultHooks.readMethod(rpc, method.toUpperCase()) },
  },
  {
    name: 'empty-method-refused',
    clause: 'RPC-5',
    about: 'The runtime refuses an empty method',
    hooks: {
      readMethod(rpc, method) {
        if (method === '') throw new CallRefused('INVALID_ARGUMENT', 'method: is missing');
        return defaultHooks.readMethod(rpc, method);
      },
    },
  },
  {
    name: 'close-by-post',
    clause: 'RPC-5',
    about: 'The runtime accepts POST for CloseSession',
    hooks: {
      readMethod: (rpc, method) =>
        defaultHooks.readMethod(rpc, rpc === 'CloseSession' && method === 'POST' ? 'DELETE' : method),
    },
  },
  {
    name: 'stream-by-delete',
    clause: 'RPC-5',
    about: 'The runtime accepts DELETE for InvokeStream',
    hooks: {
      readMethod: (rpc, method) =>
        defaultHooks.readMethod(rpc, rpc === 'InvokeStream' && method === 'DELETE' ? 'GET' : method),
    },
  },
  {
    name: 'wrong-method-is-failed-precondition',
    clause: 'RPC-5',
    about: 'The runtime refuses a wrong method with FAILED_PRECONDITION',
    hooks: {
      readMethod(rpc, method) {
        try {
          return defaultHooks.readMethod(rpc, method);
        } catch {
          throw new CallRefused('FAILED_PRECONDITION', 'method: does not agree');
        }
      },
    },
  },
  {
    name: 'slash-at-the-end-refused',
    clause: 'RPC-6',
    about: 'The runtime answers 404 to the endpoint with a trailing slash',
    hooks: { isEndpoint: (path) => !path.endsWith('/') && defaultHooks.isEndpoint(path) },
  },
  {
    name: 'any-path',
    clause: 'RPC-6',
    about: 'The runtime serves MCP at every path outside /_internal',
    hooks: { isEndpoint: (path) => !path.includes('/_internal') },
  },
  {
    name: 'empty-path-served',
    clause: 'RPC-6',
    about: 'The runtime serves MCP at an empty path',
    hooks: { isEndpoint: (path) => path === '' || defaultHooks.isEndpoint(path) },
  },
  {
    name: 'paths-with-a-query-served',
    clause: 'RPC-6',
    about: 'The runtime ignores a query in the path',
    hooks: { isEndpoint: (path) => defaultHooks.isEndpoint(path.replace(/[?#].*$/, '')) },
  },
  {
    name: 'paths-of-streams-not-checked',
    clause: 'RPC-6',
    about: 'The runtime opens live streams at any path',
    hooks: onRequest((request) => {
      if (request.headers['accept'] === 'text/event-stream') request.path = '/mcp';
    }),
  },
  {
    name: 'paths-of-servers-refused-on-streams',
    clause: 'RPC-6',
    about: 'The runtime answers 404 to a live stream under the path of a server',
    hooks: onRequest((request) => {
      const isStream = request.headers['accept'] === 'text/event-stream';
      if (isStream && request.path.startsWith('/servers/')) request.path = '/none';
    }),
  },
  {
    name: 'paths-below-the-endpoint',
    clause: 'RPC-6',
    about: 'The runtime serves MCP at paths below the endpoint',
    hooks: { isEndpoint: (path) => defaultHooks.isEndpoint(path.replace(/^\/mcp\/(?!\.).*$/, '/mcp')) },
  },
  {
    name: 'paths-made-plain',
    clause: 'RPC-6',
    about: 'The runtime normalises a path before comparing it',
    hooks: { isEndpoint: (path) => defaultHooks.isEndpoint(new URL(path, 'http://localhost/').pathname) },
  },
  {
    name: 'servers-within-servers',
    clause: 'RPC-6',
    about: 'The runtime accepts a slash in the server id of a path',
    hooks: { isEndpoint: (path) => /^\/(servers\/.+\/)?mcp$/.test(path) },
  },
  {
    name: 'internal-paths-served',
    clause: 'RPC-7',
    about: 'The runtime serves MCP at internal paths',
    hooks: { isEndpoint: (path) => path.startsWith('/_internal/') || defaultHooks.isEndpoint(path) },
  },
  {
    name: 'internal-paths-after-dots',
    clause: 'RPC-7',
    about: 'The runtime serves internal paths written with dot segments',
    hooks: { isEndpoint: (path) => path.startsWith('/mcp/../_internal/') || defaultHooks.isEndpoint(path) },
  },
  {
    name: 'internal-paths-for-forwarded-calls',
    clause: 'RPC-7',
    about: 'The runtime serves internal paths to forwarded calls',
    hooks: onRequest((request) => {
      if (request.affinityForwarded && request.path.startsWith('/_internal/')) request.path = '/mcp';
    }),
  },
  {
    name: 'path-decides-the-scope',
    clause: 'RPC-8',
    about: 'The runtime takes the scope from the path',
    hooks: { scopeOf: ({ path, serverId }) => /^\/servers\/([^/]+)\/mcp$/.exec(path)?.[1] ?? serverId },
  },
  {
    name: 'path-completes-the-scope',
    clause: 'RPC-8',
    about: 'The runtime takes the scope from the path if server_id is empty',
    hooks: {
      scopeOf: ({ path, serverId }) => serverId || (/^\/servers\/([^/]+)\/mcp$/.exec(path)?.[1] ?? ''),
    },
  },
  {
    name: 'control-characters-in-the-method',
    clause: 'RPC-9',
    about: 'The runtime trims control characters from the end of the method',
    hooks: {
      ...uncheckedField('method'),
      readMethod: (rpc, method) => defaultHooks.readMethod(rpc, method.trim()),
    },
  },
  {
    name: 'control-characters-in-the-path',
    clause: 'RPC-9',
    about: 'The runtime accepts control characters in the path',
    hooks: uncheckedField('path'),
  },
  {
    name: 'control-characters-in-the-query',
    clause: 'RPC-9',
    about: 'The runtime accepts control characters in the query',
    hooks: uncheckedField('query'),
  },
  {
    name: 'control-characters-in-the-server-id',
    clause: 'RPC-9',
    about: 'The runtime accepts control characters in server_id',
    hooks: uncheckedField('serverId'),
  },
  {
    name: 'control-characters-in-the-session-id',
    clause: 'RPC-9',
    about: 'The runtime accepts control characters in session_id',
    hooks: uncheckedField('sessionId'),
  },
  {
    name: 'delete-character-accepted',
    clause: 'RPC-9',
    about: 'The runtime accepts U+007F in request fields',
    hooks: {
      checkFields: (request) =>
        defaultHooks.checkFields({ ...request, sessionId: request.sessionId.replaceAll('\x7f', '') }),
    },
  },
  {
    name: 'control-characters-are-internal',
    clause: 'RPC-9',
    about: 'The runtime refuses control characters with INTERNAL',
    hooks: {
      grpcStatus: (status) =>
        status.details?.includes('control character') ? { ...status, code: 13 } : status,
    },
  },
  {
    name: 'forwarded-calls-own-everything',
    clause: 'RPC-10',
    about: 'The runtime skips the owner check for forwarded calls',
    hooks: { ...mark(({ affinityForwarded }) => affinityForwarded), ...ownerUncheckedWhen(isMarked) },
  },
  {
    name: 'forwarded-calls-have-no-scope',
    clause: 'RPC-10',
    about: 'The runtime skips the scope check for forwarded calls',
    hooks: { ...mark(({ affinityForwarded }) => affinityForwarded), ...scopeUncheckedWhen(isMarked) },
  },
  {
    name: 'forwarded-calls-are-accepted-only',
    clause: 'RPC-10',
    about: 'The runtime answers forwarded calls with 202',
    hooks: onResponse((response, { affinityForwarded }) =>
      affinityForwarded && response.status === 200 ? { ...response, status: 202 } : response,
    ),
  },
  {
    name: 'one-call-at-a-time',
    clause: 'RPC-11',
    about: 'The runtime serves calls one at a time',
    hooks: onUnary((handler) => {
      let before = Promise.resolve();
      return (call, callback) => {
        before = before.then(
          () =>
            new Promise<void>((resolve) =>
              handler(call, (...answer) => {
                callback(...answer);
                resolve();
              }),
            ),
        );
      };
    }),
  },
  {
    name: 'answers-swapped',
    clause: 'RPC-11',
    about: 'The runtime swaps answers that are ready at the same time',
    hooks: onUnary((handler) => {
      let ready: { response: McpResponse; give: (response: McpResponse) => void }[] = [];
      return (call, callback) => {
        handler(call, (error, response) => {
          if (error || !response) return callback(error);
          if (ready.length === 0) {
            setImmediate(() => {
              const answers = ready.map((entry) => entry.response).reverse();
              const receivers = ready;
              ready = [];
              for (const [index, { give }] of receivers.entries()) give(answers[index] ?? response);
            });
          }
          ready.push({ response, give: (given) => callback(null, given) });
        });
      };
    }),
  },
  {
    name: 'torn-calls-end-well',
    clause: 'RPC-12',
    about: 'The runtime ends an incomplete call with OK',
    alsoBreaks: [
      {
        clause: 'RPC-1',
        reason: 'RPC-1 requires a message in the answer to a unary call that ends with OK.',
      },
    ],
    process: onHttp2((stream, headers) => {
      // The runtime ends incomplete calls with INTERNAL.
      changeStatus(stream, (status) => (status === '13' ? '0' : status));
      return headers;
    }),
  },
  {
    name: 'calls-without-message-end-well',
    clause: 'RPC-12',
    about: 'The runtime ends a call without a message with OK, except on Invoke',
    alsoBreaks: [
      {
        clause: 'RPC-1',
        reason: 'RPC-1 requires a message in the answer to a unary call that ends with OK.',
      },
    ],
    process: onHttp2((stream, headers) => {
      if (String(headers[':path']).endsWith('/Invoke')) return headers;
      let bytes = 0;
      stream.on('data', (data: Buffer) => {
        bytes += data.length;
      });
      changeStatus(stream, (status) => (bytes === 0 ? '0' : status));
      return headers;
    }),
  },
  {
    name: 'media-type-with-format-is-refused',
    clause: 'RPC-13',
    about: 'The runtime refuses application/grpc+proto',
    process: onHttp2((stream, headers) =>
      headers['content-type'] === 'application/grpc' ? headers : refuse(stream, 3),
    ),
  },
  {
    name: 'metadata-is-refused',
    clause: 'RPC-14',
    about: 'The runtime refuses calls with unknown metadata',
    process: onHttp2((stream, headers) =>
      Object.keys(headers).every((name) => common.test(name)) ? headers : refuse(stream, 3),
    ),
  },
  {
    name: 'every-timeout-in-hours',
    clause: 'RPC-15',
    about: 'The runtime reads every grpc-timeout in hours',
    alsoBreaks: [{ clause: 'DEADLINE-1', reason: 'A deadline of seconds then passes without effect.' }],
    process: onHttp2((_, headers) => {
      const timeout = headers['grpc-timeout'];
      return typeof timeout === 'string'
        ? { ...headers, 'grpc-timeout': timeout.replace(/[MSmun]$/, 'H') }
        : headers;
    }),
  },
  {
    name: 'every-media-type-is-grpc',
    clause: 'RPC-16',
    about: 'The runtime treats every media type as gRPC',
    process: onHttp2((_, headers) => ({ ...headers, 'content-type': 'application/grpc' })),
  },
  {
    name: 'deadlines-of-months-pass-at-once',
    clause: 'RPC-17',
    about: 'The runtime expires deadlines over 24 days immediately',
    hooks: { interceptors: [leaveEndedCalls] },
  },
  {
    name: 'localhost-only',
    clause: 'RPC-18',
    about: 'The runtime refuses calls for any authority other than localhost',
    process: onHttp2((stream, headers) =>
      /^localhost(:\d+)?$/.test(String(headers[':authority'])) ? headers : refuse(stream, 3),
    ),
  },
  {
    name: 'paths-as-authority-reset',
    clause: 'RPC-18',
    about: 'The runtime resets calls whose authority is the path of its socket',
    process: onHttp2((stream, headers) => {
      // The reference runtime has replaced the characters of a path.
      if (!/^(\.2F|%2F|3|-|unix)/.test(String(headers[':authority']))) return headers;
      stream.close(1);
      return undefined;
    }),
  },
  {
    name: 'three-pings-only',
    clause: 'RPC-19',
    about: 'The runtime ends a connection after its third PING, like the defaults of gRPC servers',
    process: onConnections((session) => {
      let pings = 0;
      session.on('ping', () => {
        pings += 1;
        if (pings > 3) session.destroy(undefined, 11);
      });
    }),
  },
  {
    name: 'no-pings-without-calls',
    clause: 'RPC-19',
    about: 'The runtime ends a connection after a PING without an open call',
    process: onHttp2((stream, headers) => {
      const { session } = stream;
      if (session === undefined) return headers;
      const open = openStreams.get(session) ?? new Set();
      if (!openStreams.has(session)) {
        openStreams.set(session, open);
        session.on('ping', () => {
          if (open.size === 0) session.destroy(undefined, 11);
        });
      }
      open.add(stream);
      stream.once('close', () => open.delete(stream));
      return headers;
    }),
  },
  {
    name: 'padded-frames-refused',
    clause: 'RPC-24',
    about: 'The runtime ends a connection after a frame with padding',
    hooks: refusingFrames(
      () =>
        ({ type, flags }) =>
          type <= 1 && (flags & 0x8) !== 0,
    ),
  },
  {
    name: 'continuation-refused',
    clause: 'RPC-20',
    about: 'The runtime ends a connection after a CONTINUATION frame',
    hooks: refusingFrames(
      () =>
        ({ type }) =>
          type === 9,
    ),
  },
  {
    name: 'settings-only-once',
    clause: 'RPC-20',
    about: 'The runtime ends a connection whose client changes its SETTINGS',
    hooks: refusingFrames(() => {
      let settings = 0;
      return ({ type, flags }) => {
        if (type === 4 && (flags & 1) === 0) settings += 1;
        return settings > 1;
      };
    }),
  },
  {
    name: 'closed-windows-refused',
    clause: 'RPC-20',
    about: 'The runtime refuses calls whose flow-control window is closed',
    process: onHttp2((stream, headers) =>
      stream.session?.remoteSettings.initialWindowSize === 0 ? refuse(stream, 8) : headers,
    ),
  },
  {
    name: 'narrow-windows-refused',
    clause: 'RPC-20',
    about: 'The runtime refuses calls whose flow-control window has less than 100 bytes',
    process: onHttp2((stream, headers) => {
      const { initialWindowSize = 65_535 } = stream.session?.remoteSettings ?? {};
      return initialWindowSize > 0 && initialWindowSize < 100 ? refuse(stream, 8) : headers;
    }),
  },
  {
    name: 'hundreds-of-cancelled-calls-end-the-connection',
    clause: 'RPC-21',
    about: 'The runtime ends a connection with 300 cancelled calls',
    hooks: endingAfterResets(300),
  },
  {
    name: 'thousand-cancelled-calls-end-the-connection',
    clause: 'RPC-21',
    about: 'The runtime ends a connection with 1,000 cancelled calls',
    hooks: endingAfterResets(1000),
  },
  {
    name: 'trailers-end-the-connection',
    clause: 'RPC-22',
    about: 'The runtime ends a connection whose client sends trailer fields, like grpc-go',
    process: onHttp2((stream, headers) => {
      const { session } = stream;
      stream.once('trailers', () => session?.destroy(undefined, 1));
      return headers;
    }),
  },
  {
    name: 'body-read-before-the-checks',
    clause: 'RPC-23',
    about: 'The runtime parses the body before it checks the session and the scope',
    hooks: { checkBeforeBody: () => {} },
  },
  {
    name: 'body-read-first',
    clause: 'RPC-23',
    about: 'The runtime parses the body before it checks the path and the identity',
    alsoBreaks: [
      {
        clause: 'POST-6',
        reason: 'It refuses a streamed request before it knows that the answer has a body.',
      },
    ],
    hooks: {
      scopeOf(request) {
        if (request.body.length > 0) defaultHooks.parseMessage(request.body);
        return defaultHooks.scopeOf(request);
      },
    },
  },
]);
