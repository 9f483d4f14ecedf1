import { isObject } from '../../../base/is-object.ts';
import { refused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import {
  modernField,
  modernStatus,
  onModern,
  onModernError,
  onModernMeta,
  onModernRequest,
  onModernResult,
} from '../changes/modern.ts';
import { withoutDeclaring } from '../changes/streams.ts';

const versionKey = 'io.modelcontextprotocol/protocolVersion';
const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities';
const levelKey = 'io.modelcontextprotocol/logLevel';
const idKey = 'io.modelcontextprotocol/subscriptionId';

const metaOf = ({ params }: RequestMessage): Readonly<Record<string, unknown>> =>
  Object(Object(params)['_meta']);
const nameOf = (params: unknown): string => String(Object(params)['name'] ?? Object(params)['uri'] ?? '');
const isEncoded = (value: string | undefined) => value?.startsWith('=?base64?') === true;

/** Faults in MCP 2026-07-28. */
export const modernFaults = runtimeFaults([
  {
    name: 'modern-initialize-opens-a-session',
    clause: 'MODERN-1',
    about: 'The runtime treats every initialize as a handshake',
    alsoBreaks: [
      {
        clause: 'MODERN-10',
        reason: 'MODERN-10 requires an answer of 404 to every method that this revision does not have.',
      },
    ],
    hooks: {
      isModern: (message, headers) =>
        !(message.kind === 'request' && message.method === 'initialize') &&
        defaultHooks.isModern(message, headers),
    },
  },
  {
    name: 'modern-ping-in-a-session',
    clause: 'MODERN-1',
    about: 'The runtime serves a modern ping in the session that the call names',
    alsoBreaks: [
      {
        clause: 'MODERN-10',
        reason: 'MODERN-10 requires an answer of 404 to every method that this revision does not have.',
      },
    ],
    hooks: {
      isModern: (message, headers) =>
        !(message.kind === 'request' && message.method === 'ping') && defaultHooks.isModern(message, headers),
    },
  },
  {
    name: 'modern-without-stream-head',
    clause: 'MODERN-2',
    about: 'The runtime declares mcp-2026-07-28 but not stream-head',
    hooks: withoutDeclaring('stream-head'),
  },
  {
    name: 'modern-version-refused-with-another-code',
    clause: 'MODERN-3',
    about: 'The runtime refuses an unserved version with -32000',
    hooks: onModernError(-32022, (error) => ({ ...error, code: -32000 })),
  },
  {
    name: 'modern-version-refused-with-200',
    clause: 'MODERN-3',
    about: 'The runtime refuses an unserved version with status 200',
    hooks: modernStatus(400, 200, ({ message }) => {
      const version = message.kind === 'request' && metaOf(message)[versionKey];
      return typeof version === 'string' && version !== '2026-07-28';
    }),
  },
  {
    name: 'modern-versions-not-listed',
    clause: 'MODERN-3',
    about: 'The runtime refuses an unserved version without the served ones',
    hooks: onModernError(-32022, (error) => ({ ...error, data: { requested: error.data.requested } })),
  },
  {
    name: 'modern-version-not-repeated',
    clause: 'MODERN-3',
    about: 'The runtime refuses an unserved version without the requested one',
    hooks: onModernError(-32022, (error) => ({ ...error, data: { supported: error.data.supported } })),
  },
  {
    name: 'modern-versions-of-sessions-only',
    clause: 'MODERN-4',
    about: 'The runtime lists only revisions with sessions in server/discover',
    hooks: onModernResult((result) => ({ ...result, supportedVersions: ['2025-11-25'] }), 'server/discover'),
  },
  {
    name: 'modern-discovery-without-capabilities',
    clause: 'MODERN-4',
    about: 'The runtime omits capabilities from server/discover',
    hooks: onModernResult(({ capabilities: _, ...result }) => result, 'server/discover'),
  },
  {
    name: 'modern-capabilities-not-required',
    clause: 'MODERN-5',
    about: 'The runtime serves requests that do not declare capabilities',
    hooks: onModernMeta((meta) => ({ [capabilitiesKey]: {}, ...meta })),
  },
  {
    name: 'modern-version-not-required',
    clause: 'MODERN-5',
    about: 'The runtime serves requests whose _meta names no version',
    hooks: onModernMeta((meta) => ({ [versionKey]: '2026-07-28', ...meta })),
  },
  {
    name: 'modern-version-field-not-compared',
    clause: 'MODERN-6',
    about: 'The runtime ignores mcp-protocol-version of modern requests',
    hooks: modernField('mcp-protocol-version', ({ params }) => {
      const version: unknown = Object(Object(params)['_meta'])[versionKey];
      return typeof version === 'string' ? version : undefined;
    }),
  },
  {
    name: 'modern-first-copy-of-the-version',
    clause: 'MODERN-6',
    about: 'The runtime uses the first of several values of mcp-protocol-version',
    hooks: modernField('mcp-protocol-version', (_message, value) => value?.split(',')[0]),
  },
  {
    name: 'modern-method-field-not-compared',
    clause: 'MODERN-7',
    about: 'The runtime ignores mcp-method',
    hooks: modernField('mcp-method', ({ method }) => method),
  },
  {
    name: 'modern-method-field-in-any-case',
    clause: 'MODERN-7',
    about: 'The runtime compares mcp-method regardless of letter case',
    hooks: modernField('mcp-method', (_message, value) => value?.toLowerCase()),
  },
  {
    name: 'modern-name-field-not-compared',
    clause: 'MODERN-7',
    about: 'The runtime ignores mcp-name',
    hooks: modernField('mcp-name', ({ params }) => nameOf(params)),
  },
  {
    name: 'modern-name-field-not-required',
    clause: 'MODERN-7',
    about: 'The runtime accepts requests without mcp-name',
    hooks: modernField('mcp-name', ({ params }, value) => value ?? nameOf(params)),
  },
  {
    name: 'modern-name-not-decoded',
    clause: 'MODERN-8',
    about: 'The runtime compares an encoded mcp-name without decoding it',
    hooks: modernField('mcp-name', (_message, value) => (isEncoded(value) ? 'encoded' : undefined)),
  },
  {
    name: 'modern-encoded-name-not-compared',
    clause: 'MODERN-8',
    about: 'The runtime accepts every encoded mcp-name',
    hooks: modernField('mcp-name', ({ params }, value) => (isEncoded(value) ? nameOf(params) : undefined)),
  },
  {
    name: 'modern-results-without-a-type',
    clause: 'MODERN-9',
    about: 'The runtime omits resultType from results',
    hooks: onModernResult(({ resultType: _, ...result }) => result),
  },
  {
    name: 'modern-questions-are-complete',
    clause: 'MODERN-9',
    about: 'The runtime calls a question complete',
    hooks: onModernResult((result) => ({ ...result, resultType: 'complete' })),
  },
  {
    name: 'modern-unknown-method-with-200',
    clause: 'MODERN-10',
    about: 'The runtime answers unknown modern methods with status 200',
    hooks: modernStatus(404, 200),
  },
  {
    name: 'modern-unknown-method-is-invalid',
    clause: 'MODERN-10',
    about: 'The runtime answers unknown modern methods with -32600',
    hooks: onModernError(-32601, (error) => ({ ...error, code: -32600 })),
  },
  {
    name: 'modern-unreadable-id-is-zero',
    clause: 'MODERN-11',
    about: 'The runtime answers an unreadable id with the id 0',
    hooks: { unreadableId: () => '0' },
  },
  {
    name: 'modern-lists-without-ttl',
    clause: 'MODERN-12',
    about: 'The runtime omits ttlMs',
    hooks: onModernResult(({ ttlMs: _, ...result }) => result),
  },
  {
    name: 'modern-lists-with-a-negative-ttl',
    clause: 'MODERN-12',
    about: 'The runtime sends a negative ttlMs',
    hooks: onModernResult((result) => ('ttlMs' in result ? { ...result, ttlMs: -1 } : result)),
  },
  {
    name: 'modern-lists-with-an-unknown-scope',
    clause: 'MODERN-12',
    about: 'The runtime sends the cacheScope shared',
    hooks: onModernResult((result) =>
      'cacheScope' in result ? { ...result, cacheScope: 'shared' } : result,
    ),
  },
  {
    name: 'modern-reads-without-a-scope',
    clause: 'MODERN-12',
    about: 'The runtime omits cacheScope from the contents of resources',
    hooks: onModernResult(({ cacheScope: _, ...result }) => result, 'resources/read'),
  },
  {
    name: 'modern-state-with-a-suffix',
    clause: 'MODERN-13',
    about: 'The runtime ignores text after its state',
    hooks: { receivedState: (state) => state.replace(/(?:-TAMPERED|x)$/, '') },
  },
  {
    name: 'modern-altered-state-is-none',
    clause: 'MODERN-13',
    about: 'The runtime treats altered state as absent',
    hooks: onModernRequest(({ params }) => {
      const { requestState, ...others } = Object(params);
      return { params: String(requestState).endsWith('-TAMPERED') ? others : params };
    }),
  },
  {
    name: 'modern-state-of-any-caller',
    clause: 'MODERN-14',
    about: 'The runtime accepts the state of another caller',
    hooks: {
      bindingOf: (scope, method, params) =>
        defaultHooks.bindingOf({ ...scope, owner: 'anyone' }, method, params),
    },
  },
  {
    name: 'modern-state-of-any-request',
    clause: 'MODERN-14',
    about: 'The runtime accepts the state of another request',
    hooks: { bindingOf: (scope) => defaultHooks.bindingOf(scope, 'any', {}) },
  },
  {
    name: 'modern-subscription-not-acknowledged',
    clause: 'MODERN-15',
    about: 'The runtime does not acknowledge subscriptions',
    hooks: onModern((message) =>
      message.method === 'notifications/subscriptions/acknowledged' ? undefined : message,
    ),
  },
  {
    name: 'modern-changes-without-their-id',
    clause: 'MODERN-15',
    about: 'The runtime omits the subscription id from changes',
    hooks: onModern((message) => {
      if (message.method !== 'notifications/tools/list_changed') return message;
      return { ...message, params: {} };
    }),
  },
  {
    name: 'modern-subscription-ids-are-strings',
    clause: 'MODERN-15',
    about: 'The runtime writes every subscription id as a string',
    hooks: onModern((message, { message: request }) => {
      if (message.params?._meta?.[idKey] === undefined || request.kind !== 'request') return message;
      const id = request.id.startsWith('"') ? JSON.parse(request.id) : request.id;
      return { ...message, params: { ...message.params, _meta: { [idKey]: id } } };
    }),
  },
  {
    name: 'modern-changes-not-delivered',
    clause: 'MODERN-16',
    about: 'The runtime drops changes of the list of prompts',
    hooks: onModern((message) =>
      message.method === 'notifications/prompts/list_changed' ? undefined : message,
    ),
  },
  {
    name: 'modern-subscription-by-invoke',
    clause: 'MODERN-17',
    about: 'The runtime answers a subscription by Invoke as if it had ended',
    hooks: {
      checkUnary: () => undefined,
      ...onModernRequest(({ method, params }, { call }) =>
        method === 'subscriptions/listen' && call.rpc === 'Invoke'
          ? { params: { ...Object(params), notifications: {} } }
          : {},
      ),
    },
  },
  {
    name: 'modern-subscription-by-invoke-fails',
    clause: 'MODERN-17',
    about: 'The runtime answers a subscription by Invoke with 500',
    hooks: {
      checkUnary(message) {
        if (message.kind !== 'request' || message.method !== 'subscriptions/listen') return;
        throw refused('INTERNAL', 'fault', 'Refused').withId(message.id);
      },
    },
  },
  {
    name: 'modern-missing-capability-with-200',
    clause: 'MODERN-18',
    about: 'The runtime answers a missing capability with status 200',
    hooks: modernStatus(400, 200, ({ message, call }) => {
      const { name } = message.kind === 'request' ? Object(message.params) : {};
      return /^test_(?:missing|input)_/.test(name) && call.headers.get('mcp-name') === name;
    }),
  },
  {
    name: 'modern-missing-capability-not-named',
    clause: 'MODERN-18',
    about: 'The runtime does not name the missing capability',
    hooks: onModernError(-32021, ({ data: _, ...error }) => error),
  },
  {
    name: 'modern-capabilities-of-every-client',
    clause: 'MODERN-18',
    about: 'The runtime assumes that every client can sample',
    alsoBreaks: [
      {
        clause: 'MODERN-53',
        reason: 'MODERN-53 forbids asking for input that the request does not declare.',
      },
    ],
    hooks: onModernMeta((meta) =>
      isObject(meta[capabilitiesKey])
        ? { ...meta, [capabilitiesKey]: { ...meta[capabilitiesKey], sampling: {} } }
        : meta,
    ),
  },
  {
    name: 'modern-logs-without-a-level',
    clause: 'MODERN-19',
    about: 'The runtime sends log messages to requests that do not ask for them',
    hooks: onModernMeta((meta) => ({ [levelKey]: 'info', ...meta })),
  },
  {
    name: 'modern-logs-of-every-level',
    clause: 'MODERN-19',
    about: 'The runtime ignores the log level of a request',
    hooks: onModernMeta((meta) => (levelKey in meta ? { ...meta, [levelKey]: 'debug' } : meta)),
  },
  {
    name: 'modern-subscription-outlives-its-caller',
    clause: 'MODERN-20',
    about: 'The runtime continues subscriptions after the credentials expire',
    hooks: {
      modernCall: (received) => ({ ...received, call: { ...received.call, authContext: undefined } }),
    },
  },
]);
