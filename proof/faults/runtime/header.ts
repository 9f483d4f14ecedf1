import { CallRefused } from '../../../reference-runtime/failures/call-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { modernRefusal, refusedByCode } from '../changes/modern.ts';
import {
  fieldOf,
  isMarked,
  isOk,
  isRefusal,
  mark,
  onAnswerIf,
  onFields,
  onRequest,
  ownerUncheckedWhen,
  refuse,
} from '../changes/runtime.ts';

type Fields = Readonly<Record<string, string>>;

const always = () => true;

/** Adds header fields to matching answers. */
function withAnswerFields(when: Parameters<typeof onAnswerIf>[0], fields: Fields): Hooks {
  return onAnswerIf(when, (answer) => ({ ...answer, headers: { ...answer.headers, ...fields } }));
}

/** Drops matching request fields before the runtime checks them. */
function unchecked(when: (name: string, value: string) => boolean): Hooks {
  return onFields((fields) => Object.fromEntries(Object.entries(fields).filter((field) => !when(...field))));
}

/** Refuses calls that have a given header field. */
function refusedWith(name: string): Hooks {
  return {
    readHeaders(fields) {
      const headers = defaultHooks.readHeaders(fields);
      if (headers.has(name)) throw new CallRefused('INVALID_ARGUMENT', `headers: ${name} is not expected`);
      return headers;
    },
  };
}

/** Faults in header fields. */
export const headerFaults = runtimeFaults([
  {
    name: 'response-without-type',
    clause: 'HEADER-1',
    about: 'The runtime omits the content-type of a response with a body',
    hooks: onAnswerIf(isOk, (answer) => {
      const { 'content-type': _left, ...headers } = answer.headers;
      return { ...answer, headers };
    }),
  },
  {
    name: 'response-fields-in-upper-case',
    clause: 'HEADER-2',
    about: 'The runtime writes response field names in upper case',
    hooks: onAnswerIf(always, (answer) => ({
      ...answer,
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [name.replace(/^c/, 'C'), value]),
      ),
    })),
  },
  {
    name: 'response-field-twice',
    clause: 'HEADER-2',
    about: 'The runtime sends a response field twice, with names that differ in case',
    hooks: withAnswerFields(({ status }) => status === 202, { 'x-served-by': 'a', 'X-Served-By': 'b' }),
  },
  {
    name: 'response-field-with-a-space',
    clause: 'HEADER-2',
    about: 'The runtime sends a response field name with a space',
    hooks: withAnswerFields(isRefusal, { 'served by': 'a' }),
  },
  {
    name: 'response-field-with-a-line-end',
    clause: 'HEADER-2',
    about: 'The runtime sends a response field value with a line break',
    hooks: withAnswerFields(isOk, { 'x-served-by': 'a\r\nx-b: c' }),
  },
  {
    name: 'response-field-outside-ascii',
    clause: 'HEADER-2',
    about: 'The runtime sends a response field value outside ASCII',
    hooks: withAnswerFields(isOk, { 'x-served-by': 'zoë' }),
  },
  {
    name: 'connection-field',
    clause: 'HEADER-2',
    about: 'The runtime sends the hop-by-hop field connection',
    hooks: withAnswerFields(isOk, { connection: 'keep-alive' }),
  },
  {
    name: 'transfer-encoding-field',
    clause: 'HEADER-2',
    about: 'The runtime sends the hop-by-hop field transfer-encoding',
    hooks: withAnswerFields(isOk, { 'transfer-encoding': 'chunked' }),
  },
  {
    name: 'keep-alive-field-at-close',
    clause: 'HEADER-2',
    about: 'The runtime sends the hop-by-hop field keep-alive from CloseSession',
    hooks: withAnswerFields(({ status }) => status === 204, { 'keep-alive': 'timeout=5' }),
  },
  {
    name: 'fields-found-in-lower-case-alone',
    clause: 'HEADER-3',
    about: 'The runtime ignores header fields with upper-case names',
    hooks: {
      readHeaders(fields) {
        defaultHooks.readHeaders(fields);
        return new Map(Object.entries(fields));
      },
    },
  },
  {
    name: 'last-of-two-names-counts',
    clause: 'HEADER-3',
    about: 'The runtime uses the last of two field names that differ only in case',
    hooks: onFields((fields) =>
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value])),
    ),
  },
  {
    name: 'equal-values-may-be-alike',
    clause: 'HEADER-3',
    about: 'The runtime accepts two field names that differ only in case if their values are equal',
    hooks: onFields((fields) => {
      const kept = new Map<string, [string, string]>();
      for (const [name, value] of Object.entries(fields)) {
        const key = `${name.toLowerCase()} ${value}`;
        if (!kept.has(key)) kept.set(key, [name, value]);
      }
      return Object.fromEntries(kept.values());
    }),
  },
  {
    name: 'field-names-not-checked',
    clause: 'HEADER-4',
    about: 'The runtime accepts field names that are not tokens',
    hooks: unchecked((name) => !/^[\w-]+$/.test(name)),
  },
  {
    name: 'field-names-may-be-pseudo',
    clause: 'HEADER-4',
    about: 'The runtime accepts pseudo-header names',
    hooks: unchecked((name) => name.startsWith(':')),
  },
  {
    name: 'field-names-may-be-empty',
    clause: 'HEADER-4',
    about: 'The runtime accepts an empty field name',
    hooks: unchecked((name) => name === ''),
  },
  {
    name: 'field-values-not-checked',
    clause: 'HEADER-4',
    about: 'The runtime accepts control characters in field values',
    hooks: unchecked((_name, value) => /\p{Cc}/u.test(value)),
  },
  {
    name: 'field-values-in-unicode',
    clause: 'HEADER-4',
    about: 'The runtime accepts field values outside ASCII',
    hooks: unchecked((_name, value) => /[^\0-\x7f]/.test(value)),
  },
  {
    name: 'field-values-with-delete',
    clause: 'HEADER-4',
    about: 'The runtime accepts U+007F in field values',
    hooks: unchecked((_name, value) => value.includes('\x7f')),
  },
  {
    name: 'field-values-without-tab',
    clause: 'HEADER-4',
    about: 'The runtime refuses a tab in a field value',
    hooks: {
      readHeaders(fields) {
        if (Object.values(fields).some((value) => value.includes('\t'))) {
          throw new CallRefused('INVALID_ARGUMENT', 'headers: a tab');
        }
        return defaultHooks.readHeaders(fields);
      },
    },
  },
  {
    name: 'identity-from-a-field',
    clause: 'HEADER-5',
    about: 'The runtime replaces the auth context with x-contextforge-auth-context',
    hooks: onRequest((request) => {
      const encoded = fieldOf(request, 'x-contextforge-auth-context');
      if (encoded === undefined) return;
      request.authContext = {
        $typeName: 'contextforge.mcp.runtime.v1.McpAuthContext',
        encoded,
        expiresAtEpochMs: 0n,
      };
    }),
  },
  {
    name: 'identity-completed-from-a-field',
    clause: 'HEADER-5',
    about: 'The runtime uses x-contextforge-auth-context if there is no auth context',
    hooks: onRequest((request) => {
      const encoded = fieldOf(request, 'x-contextforge-auth-context');
      if (encoded === undefined || request.authContext !== undefined) return;
      request.authContext = {
        $typeName: 'contextforge.mcp.runtime.v1.McpAuthContext',
        encoded,
        expiresAtEpochMs: 0n,
      };
    }),
  },
  {
    name: 'session-from-an-internal-field',
    clause: 'HEADER-5',
    about: 'The runtime uses x-mcp-session-id if session_id is empty',
    hooks: onRequest((request) => {
      request.sessionId ||= fieldOf(request, 'x-mcp-session-id') ?? '';
    }),
  },
  {
    name: 'session-replaced-by-an-internal-field',
    clause: 'HEADER-5',
    about: 'The runtime replaces session_id with x-mcp-session-id',
    hooks: onRequest((request) => {
      if (request.sessionId !== '')
        request.sessionId = fieldOf(request, 'x-mcp-session-id') ?? request.sessionId;
    }),
  },
  {
    name: 'session-from-a-gateway-field',
    clause: 'HEADER-5',
    about: 'The runtime uses x-contextforge-session-id if session_id is empty',
    hooks: onRequest((request) => {
      request.sessionId ||= fieldOf(request, 'x-contextforge-session-id') ?? '';
    }),
  },
  {
    name: 'scope-from-an-internal-field',
    clause: 'HEADER-5',
    about: 'The runtime uses x-contextforge-server-id if server_id is empty',
    hooks: onRequest((request) => {
      request.serverId ||= fieldOf(request, 'x-contextforge-server-id') ?? '';
    }),
  },
  {
    name: 'forwarded-internally-is-trusted',
    clause: 'HEADER-5',
    about: 'The runtime skips the owner check for calls with x-forwarded-internally',
    hooks: {
      ...mark((request) => fieldOf(request, 'x-forwarded-internally') === 'true'),
      ...ownerUncheckedWhen(isMarked),
    },
  },
  {
    name: 'validated-session-is-trusted',
    clause: 'HEADER-5',
    about: 'The runtime skips the owner check for calls with x-contextforge-session-validated',
    hooks: {
      ...mark((request) => fieldOf(request, 'x-contextforge-session-validated') === 'rust'),
      ...ownerUncheckedWhen(isMarked),
    },
  },
  {
    name: 'internal-field-in-upper-case-is-trusted',
    clause: 'HEADER-5',
    about: 'The runtime skips the owner check for calls with X-Forwarded-Internally in mixed case',
    hooks: { ...mark(({ headers }) => 'X-Forwarded-Internally' in headers), ...ownerUncheckedWhen(isMarked) },
  },
  {
    name: 'original-worker-is-trusted-for-streams',
    clause: 'HEADER-5',
    about: 'The runtime skips the owner check for streams with x-original-worker',
    hooks: {
      ...mark((request) => fieldOf(request, 'x-original-worker') !== undefined),
      ...ownerUncheckedWhen((call) => isMarked(call) && call.rpc === 'InvokeStream'),
    },
  },
  {
    name: 'user-field-is-trusted-at-close',
    clause: 'HEADER-5',
    about: 'The runtime skips the owner check for CloseSession with x-contextforge-user',
    hooks: {
      ...mark((request) => fieldOf(request, 'x-contextforge-user') !== undefined),
      ...ownerUncheckedWhen((call) => isMarked(call) && call.rpc === 'CloseSession'),
    },
  },
  {
    name: 'internal-fields-refused',
    clause: 'HEADER-5',
    about: 'The runtime refuses calls with internal header fields',
    hooks: refusedWith('x-forwarded-internally'),
  },
  {
    name: 'identity-exempted-by-a-field',
    clause: 'HEADER-5',
    about: 'The runtime accepts an unreadable auth context with x-original-worker',
    hooks: onRequest((request) => {
      if (fieldOf(request, 'x-original-worker') !== undefined && request.authContext?.encoded.includes('%')) {
        request.authContext.encoded =
          'eyJlbWFpbCI6ImFsaWNlQGV4YW1wbGUuY29tIiwiaXNfYXV0aGVudGljYXRlZCI6dHJ1ZX0';
      }
    }),
  },
  {
    name: 'cookie-refused',
    clause: 'HEADER-6',
    about: 'The runtime refuses calls with a cookie',
    hooks: refusedWith('cookie'),
  },
  {
    name: 'method-override-honoured',
    clause: 'HEADER-6',
    about: 'The runtime honours x-http-method-override',
    hooks: {
      checkOwner(session, caller, call) {
        if (call.headers.has('x-http-method-override')) refuse('INVALID_ARGUMENT', 405);
        defaultHooks.checkOwner(session, caller, call);
      },
    },
  },
  {
    name: 'bearer-token-checked',
    clause: 'HEADER-6',
    about: 'The runtime answers a non-bearer authorization field with 401',
    hooks: {
      checkOwner(session, caller, call) {
        const token = call.headers.get('authorization');
        if (token !== undefined && !token.startsWith('Bearer ')) refuse('UNAUTHENTICATED');
        defaultHooks.checkOwner(session, caller, call);
      },
    },
  },
  {
    name: 'modern-unknown-params-refused',
    clause: 'HEADER-6',
    about: 'The runtime refuses fields of arguments that the tool does not define',
    hooks: modernRefusal(
      (_request, { call }) => call.headers.has('mcp-param-unknown'),
      refusedByCode(-32020),
    ),
  },
  {
    name: 'modern-params-of-tools-without-any',
    clause: 'HEADER-6',
    about: 'The runtime refuses fields of arguments for tools without arguments',
    hooks: modernRefusal(
      ({ params }, { call }) =>
        Object(params)['name'] === 'test_simple_text' && call.headers.has('mcp-param-text'),
      refusedByCode(-32020),
    ),
  },
]);
