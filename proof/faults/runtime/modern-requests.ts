import { isObject } from '../../../base/is-object.ts';
import { refused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import {
  modernRefusal,
  modernStatus,
  onModernError,
  onModernMeta,
  onModernRequest,
  onModernResult,
  refusedByCode,
} from '../changes/modern.ts';

const reserved = 'io.modelcontextprotocol/';
const versionKey = `${reserved}protocolVersion`;
const capabilitiesKey = `${reserved}clientCapabilities`;
const clientKey = `${reserved}clientInfo`;
const revision = '2026-07-28';
const known = ['protocolVersion', 'clientCapabilities', 'clientInfo', 'logLevel'].map(
  (name) => reserved + name,
);

const metaOf = ({ params }: RequestMessage): Readonly<Record<string, unknown>> => {
  const meta: unknown = Object(params)['_meta'];
  return isObject(meta) ? meta : {};
};
const versionOf = (message: RequestMessage) => metaOf(message)[versionKey];
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Serves requests of these versions as requests of the current one. */
const alsoServing = (isServed: (version: string) => boolean) => ({
  modernCall(received: Parameters<typeof defaultHooks.modernCall>[0]) {
    const { call, message } = received;
    if (message.kind !== 'request' || !isServed(String(versionOf(message)))) return received;
    if ((call.headers.get('mcp-protocol-version') ?? '') !== versionOf(message)) return received;
    const headers = new Map([...call.headers, ['mcp-protocol-version', revision]]);
    const params = { ...Object(message.params), _meta: { ...metaOf(message), [versionKey]: revision } };
    return { ...received, call: { ...call, headers }, message: { ...message, params } };
  },
});

/** Changes the body of a modern request before the runtime parses it. */
const onBody = (change: (text: string) => string) => ({
  parseMessage(body: Uint8Array) {
    const text = decoder.decode(body);
    return defaultHooks.parseMessage(text.includes(versionKey) ? encoder.encode(change(text)) : body);
  },
});

/** Carries out the first request of a batch, and then refuses the batch. */
function firstOfBatch(): Hooks {
  const first = new WeakSet<object>();
  return {
    parseMessage(body) {
      const text = decoder.decode(body);
      if (!text.startsWith('[{') || !text.includes(versionKey)) return defaultHooks.parseMessage(body);
      const message = defaultHooks.parseMessage(encoder.encode(JSON.stringify(JSON.parse(text)[0])));
      first.add(message);
      return message;
    },
    modernResponse(response, { message }) {
      if (!first.has(message)) return response;
      throw refused('INVALID_ARGUMENT', 'fault', 'Refused', { rpcCode: -32600 }).withoutId();
    },
  };
}

/** Supplies missing metadata to requests of one method. */
const defaultsFor = (wanted: string, defaults: Readonly<Record<string, unknown>>) =>
  onModernRequest((message) =>
    message.method === wanted
      ? { params: { ...Object(message.params), _meta: { ...defaults, ...metaOf(message) } } }
      : {},
  );

/** Faults in requests of MCP 2026-07-28. */
export const modernRequestFaults = runtimeFaults([
  {
    name: 'modern-completion-without-capabilities',
    clause: 'MODERN-5',
    about: 'The runtime completes arguments for requests that do not declare capabilities',
    hooks: defaultsFor('completion/complete', { [capabilitiesKey]: {} }),
  },
  {
    name: 'modern-prompts-without-a-version',
    clause: 'MODERN-5',
    about: 'The runtime lists prompts for requests whose _meta names no version',
    hooks: defaultsFor('prompts/list', { [versionKey]: revision }),
  },
  {
    name: 'modern-reads-without-metadata',
    clause: 'MODERN-5',
    about: 'The runtime reads resources for requests without _meta',
    hooks: onModernRequest((message) =>
      message.method === 'resources/read' && Object.keys(metaOf(message)).length === 0
        ? { params: { ...Object(message.params), _meta: { [versionKey]: revision, [capabilitiesKey]: {} } } }
        : {},
    ),
  },
  {
    name: 'modern-missing-capabilities-with-200',
    clause: 'MODERN-5',
    about: 'The runtime answers missing capabilities with status 200',
    hooks: modernStatus(
      400,
      200,
      ({ message }) =>
        message.kind === 'request' &&
        message.method === 'tools/list' &&
        !(capabilitiesKey in metaOf(message)),
    ),
  },
  {
    name: 'modern-discovery-without-params',
    clause: 'MODERN-5',
    about: 'The runtime answers server/discover without params',
    hooks: onModernRequest(({ method, params }) =>
      method === 'server/discover' && params === undefined
        ? { params: { _meta: { [versionKey]: revision, [capabilitiesKey]: {} } } }
        : {},
    ),
  },
  {
    name: 'modern-streams-without-capabilities',
    clause: 'MODERN-5',
    about: 'The runtime serves streamed requests that do not declare capabilities',
    hooks: onModernMeta((meta, { call }) =>
      call.rpc === 'InvokeStream' ? { [capabilitiesKey]: {}, ...meta } : meta,
    ),
  },
  {
    name: 'modern-numeric-version',
    clause: 'MODERN-21',
    about: 'The runtime accepts a version that is a number',
    hooks: onModernMeta((meta) =>
      typeof meta[versionKey] === 'number' ? { ...meta, [versionKey]: revision } : meta,
    ),
  },
  {
    name: 'modern-mistyped-capabilities-are-empty',
    clause: 'MODERN-21',
    about: 'The runtime treats capabilities of another type as no capabilities',
    hooks: onModernMeta((meta) =>
      capabilitiesKey in meta && meta[capabilitiesKey] !== null && !isObject(meta[capabilitiesKey])
        ? { ...meta, [capabilitiesKey]: {} }
        : meta,
    ),
  },
  {
    name: 'modern-null-capabilities-are-empty',
    clause: 'MODERN-21',
    about: 'The runtime treats null as no capabilities',
    hooks: onModernMeta((meta) =>
      meta[capabilitiesKey] === null ? { ...meta, [capabilitiesKey]: {} } : meta,
    ),
  },
  {
    name: 'modern-list-of-capabilities',
    clause: 'MODERN-21',
    about: 'The runtime accepts a list of the names of capabilities',
    hooks: onModernMeta((meta) =>
      Array.isArray(meta[capabilitiesKey]) ? { ...meta, [capabilitiesKey]: {} } : meta,
    ),
  },
  {
    name: 'modern-mistyped-metadata-is-internal',
    clause: 'MODERN-21',
    about: 'The runtime answers _meta that is not an object with -32603',
    hooks: modernRefusal(
      ({ params }) => isObject(params) && '_meta' in params && !isObject(params['_meta']),
      refusedByCode(-32603),
    ),
  },
  {
    name: 'modern-mistyped-client-info-is-internal',
    clause: 'MODERN-21',
    about: 'The runtime answers an invalid clientInfo with -32603',
    hooks: modernRefusal(
      (message) => clientKey in metaOf(message) && !isObject(metaOf(message)[clientKey]),
      refusedByCode(-32603),
    ),
  },
  {
    name: 'modern-fewer-tools-for-a-client',
    clause: 'MODERN-22',
    about: 'The runtime lists fewer tools to a client with a certain name',
    hooks: onModernResult(
      (result, message) =>
        Object(metaOf(message)[clientKey])['name'] === 'inspector'
          ? { ...result, tools: result.tools.slice(1) }
          : result,
      'tools/list',
    ),
  },
  {
    name: 'modern-client-name-grants-rights',
    clause: 'MODERN-22',
    about: 'The runtime treats the caller as an administrator if the client is called admin',
    hooks: {
      modernCall: (received) => {
        const { caller, message } = received;
        const isAdmin = message.kind === 'request' && Object(metaOf(message)[clientKey])['name'] === 'admin';
        if (!isAdmin || caller.kind !== 'known') return received;
        return { ...received, caller: { ...caller, claims: { ...caller.claims, isAdmin: true } } };
      },
    },
  },
  {
    name: 'modern-client-needs-a-name',
    clause: 'MODERN-22',
    about: 'The runtime refuses a client with an empty name',
    hooks: modernRefusal(
      (message) => Object(metaOf(message)[clientKey])['name'] === '',
      refusedByCode(-32602),
    ),
  },
  {
    name: 'modern-invalid-trace-context-refused',
    clause: 'MODERN-23',
    about: 'The runtime refuses a traceparent that is not valid',
    hooks: modernRefusal(
      (message) =>
        'traceparent' in metaOf(message) &&
        !/^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(String(metaOf(message)['traceparent'])),
      refusedByCode(-32602),
    ),
  },
  {
    name: 'modern-trace-context-of-zeros-refused',
    clause: 'MODERN-23',
    about: 'The runtime refuses a traceparent of zeros',
    hooks: modernRefusal(
      (message) => String(metaOf(message)['traceparent']).startsWith('00-00000000'),
      refusedByCode(-32602),
    ),
  },
  {
    name: 'modern-non-ascii-baggage-fails',
    clause: 'MODERN-23',
    about: 'The runtime fails on baggage outside ASCII',
    hooks: modernRefusal(
      (message) => /[^ -~]/.test(String(metaOf(message)['baggage'] ?? '')),
      refusedByCode(-32603),
    ),
  },
  {
    name: 'modern-reserved-metadata-refused',
    clause: 'MODERN-23',
    about: 'The runtime refuses unknown members of _meta with a prefix that MCP reserves',
    hooks: modernRefusal(
      (message) =>
        Object.keys(metaOf(message)).some((key) => key.startsWith(reserved) && !known.includes(key)),
      refusedByCode(-32602),
    ),
  },
  {
    name: 'modern-invalid-keys-refused',
    clause: 'MODERN-23',
    about: 'The runtime refuses members of _meta whose names are not valid',
    hooks: modernRefusal((message) => '' in metaOf(message), refusedByCode(-32602)),
  },
  {
    name: 'modern-metadata-without-a-prefix',
    clause: 'MODERN-23',
    about: 'The runtime also reads the version in _meta without its prefix',
    hooks: onModernMeta((meta) =>
      typeof meta['protocolVersion'] === 'string' ? { ...meta, [versionKey]: meta['protocolVersion'] } : meta,
    ),
  },
  {
    name: 'modern-fractional-id-rounded',
    clause: 'MODERN-11',
    about: 'The runtime rounds an id that has a fraction',
    hooks: onBody((text) => text.replace(/("id":-?\d+)\.\d+/, '$1')),
  },
  {
    name: 'modern-null-id-is-a-notification',
    clause: 'MODERN-11',
    about: 'The runtime treats a request with the id null as a notification',
    hooks: onBody((text) => text.replace(/"id":null,/, '')),
  },
  {
    name: 'modern-boolean-id-is-a-text',
    clause: 'MODERN-11',
    about: 'The runtime turns an id that is a boolean into a text',
    hooks: onBody((text) => text.replace(/"id":(true|false),/, '"id":"$1",')),
  },
  {
    name: 'modern-legacy-version-served',
    clause: 'MODERN-3',
    about: 'The runtime serves requests with metadata that name 2025-11-25',
    hooks: alsoServing((version) => version === '2025-11-25'),
  },
  {
    name: 'modern-later-version-served',
    clause: 'MODERN-3',
    about: 'The runtime serves every later version',
    hooks: alsoServing((version) => /^\d{4}-\d\d-\d\d$/.test(version) && version > revision),
  },
  {
    name: 'modern-draft-of-the-version-served',
    clause: 'MODERN-3',
    about: 'The runtime serves versions that begin with the served one',
    hooks: alsoServing((version) => version.startsWith(revision)),
  },
  {
    name: 'modern-version-of-another-form-served',
    clause: 'MODERN-3',
    about: 'The runtime serves a version that is written without leading zeros',
    hooks: alsoServing((version) => version === '2026-7-28'),
  },
  {
    name: 'modern-empty-version-served',
    clause: 'MODERN-3',
    about: 'The runtime serves requests whose version is empty',
    hooks: alsoServing((version) => version === ''),
  },
  {
    name: 'modern-old-version-refused-as-text',
    clause: 'MODERN-3',
    about: 'The runtime answers versions before its own with a text instead of an error',
    hooks: {
      modernResponse: (response, { message }) =>
        message.kind === 'request' && String(versionOf(message)) < revision && response.status === 400
          ? new Response('Bad Request: unsupported protocol version', {
              status: 400,
              headers: { 'content-type': 'text/plain' },
            })
          : response,
    },
  },
  {
    name: 'modern-requested-version-lower-case',
    clause: 'MODERN-3',
    about: 'The runtime changes the version that it repeats in the error',
    hooks: onModernError(-32022, (error) => ({
      ...error,
      data: { ...error.data, requested: String(error.data.requested).toLowerCase() },
    })),
  },
  {
    name: 'modern-version-of-the-session',
    clause: 'MODERN-3',
    about: 'The runtime serves the version of the session that the call names',
    hooks: {
      modernCall: (received) =>
        received.call.sessionId === ''
          ? received
          : alsoServing((version) => version === '2025-11-25').modernCall(received),
    },
  },
  {
    name: 'modern-methods-in-any-case',
    clause: 'MODERN-10',
    about: 'The runtime finds methods regardless of letter case',
    hooks: {
      modernCall(received) {
        const { call, message } = received;
        if (message.kind !== 'request') return received;
        const method = message.method.toLowerCase();
        if (call.headers.get('mcp-method') !== message.method) return received;
        const headers = new Map([...call.headers, ['mcp-method', method]]);
        return { ...received, call: { ...call, headers }, message: { ...message, method } };
      },
    },
  },
  {
    name: 'modern-methods-of-the-client-are-invalid',
    clause: 'MODERN-10',
    about: 'The runtime answers methods of the client with status 400',
    hooks: modernStatus(
      404,
      400,
      ({ message }) => message.kind === 'request' && message.method.startsWith('sampling/'),
    ),
  },
  {
    name: 'modern-notification-with-an-id-accepted',
    clause: 'MODERN-10',
    about: 'The runtime accepts a notification that has an id',
    hooks: {
      modernResponse: (response, { message }) =>
        message.kind === 'request' && message.method.startsWith('notifications/')
          ? new Response(null, { status: 202 })
          : response,
    },
  },
  {
    name: 'modern-methods-of-objects-fail',
    clause: 'MODERN-10',
    about: 'The runtime fails on a method that is the name of a member of every object',
    hooks: modernRefusal(({ method }) => method in {}, refusedByCode(-32603)),
  },
  {
    name: 'modern-unknown-method-on-streams-with-200',
    clause: 'MODERN-10',
    about: 'The runtime answers unknown methods of streamed requests with status 200',
    hooks: modernStatus(404, 200, ({ call }) => call.rpc === 'InvokeStream'),
  },
  {
    name: 'modern-responses-accepted',
    clause: 'MODERN-24',
    about: 'The runtime accepts JSON-RPC responses of the client',
    hooks: {
      modernCall(received) {
        if (received.message.kind !== 'response') return received;
        const { text } = received.message;
        return {
          ...received,
          message: { kind: 'notification', text, method: 'x', params: {}, requestId: undefined },
        };
      },
    },
  },
  {
    name: 'modern-errors-of-the-client-fail',
    clause: 'MODERN-24',
    about: 'The runtime answers an error of the client with -32603',
    hooks: {
      modernCall(received) {
        if (received.message.kind !== 'response' || !('error' in received.message.outcome)) return received;
        throw refused('INVALID_ARGUMENT', 'fault', 'Refused', { rpcCode: -32603 }).withoutId();
      },
    },
  },
  {
    name: 'modern-batches-carried-out',
    clause: 'MODERN-24',
    about: 'The runtime carries out the first request of a batch before it refuses the batch',
    hooks: firstOfBatch(),
  },
  {
    name: 'modern-batch-is-its-first-request',
    clause: 'MODERN-24',
    about: 'The runtime answers only the first request of a batch',
    hooks: onBody((text) => (text.startsWith('[{') ? JSON.stringify(JSON.parse(text)[0]) : text)),
  },
]);
