import { CallRefused } from '../../../reference-runtime/failures/call-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
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

/** Adds header fields to the answers that match. */
function answered(when: Parameters<typeof onAnswerIf>[0], fields: Fields): Hooks {
  return onAnswerIf(when, (answer) => ({ ...answer, headers: { ...answer.headers, ...fields } }));
}

/** Fields of a request that match are left out before they are checked. */
function unchecked(when: (name: string, value: string) => boolean): Hooks {
  return onFields((fields) => Object.fromEntries(Object.entries(fields).filter((field) => !when(...field))));
}

/** Calls with a field are refused. */
function refusedWith(name: string): Hooks {
  return {
    readHeaders(fields) {
      const headers = defaultHooks.readHeaders(fields);
      if (headers.has(name)) throw new CallRefused('INVALID_ARGUMENT', `headers: ${name} is not expected`);
      return headers;
    },
  };
}

/** Faults of header fields. */
export const headerFaults = runtimeFaults([
  {
    name: 'response-without-type',
    clause: 'HEADER-1',
    about: 'A response with a body does not say its media type',
    hooks: onAnswerIf(isOk, (answer) => {
      const { 'content-type': _left, ...headers } = answer.headers;
      return { ...answer, headers };
    }),
  },
  {
    name: 'response-fields-in-upper-case',
    clause: 'HEADER-2',
    about: 'Names of response fields have upper-case letters',
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
    about: 'A response field comes twice, in different case',
    hooks: answered(({ status }) => status === 202, { 'x-served-by': 'a', 'X-Served-By': 'b' }),
  },
  {
    name: 'response-field-with-a-space',
    clause: 'HEADER-2',
    about: 'The name of a response field has a space',
    hooks: answered(isRefusal, { 'served by': 'a' }),
  },
  {
    name: 'response-field-with-a-line-end',
    clause: 'HEADER-2',
    about: 'The value of a response field has a line end',
    hooks: answered(isOk, { 'x-served-by': 'a\r\nx-b: c' }),
  },
  {
    name: 'response-field-outside-ascii',
    clause: 'HEADER-2',
    about: 'The value of a response field is not ASCII',
    hooks: answered(isOk, { 'x-served-by': 'zoë' }),
  },
  {
    name: 'connection-field',
    clause: 'HEADER-2',
    about: 'Responses have the field connection',
    hooks: answered(isOk, { connection: 'keep-alive' }),
  },
  {
    name: 'transfer-encoding-field',
    clause: 'HEADER-2',
    about: 'Responses have the field transfer-encoding',
    hooks: answered(isOk, { 'transfer-encoding': 'chunked' }),
  },
  {
    name: 'keep-alive-field-at-close',
    clause: 'HEADER-2',
    about: 'The answer to CloseSession has the field keep-alive',
    hooks: answered(({ status }) => status === 204, { 'keep-alive': 'timeout=5' }),
  },
  {
    name: 'fields-found-in-lower-case-alone',
    clause: 'HEADER-3',
    about: 'Fields in upper-case are not found',
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
    about: 'Of two names that differ in case the last one counts',
    hooks: onFields((fields) =>
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value])),
    ),
  },
  {
    name: 'equal-values-may-be-alike',
    clause: 'HEADER-3',
    about: 'Two names that differ in case are accepted with the same value',
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
    about: 'Names that are no tokens are accepted',
    hooks: unchecked((name) => !/^[\w-]+$/.test(name)),
  },
  {
    name: 'field-names-may-be-pseudo',
    clause: 'HEADER-4',
    about: 'Names with a colon in front are accepted',
    hooks: unchecked((name) => name.startsWith(':')),
  },
  {
    name: 'field-names-may-be-empty',
    clause: 'HEADER-4',
    about: 'An empty name is accepted',
    hooks: unchecked((name) => name === ''),
  },
  {
    name: 'field-values-not-checked',
    clause: 'HEADER-4',
    about: 'Values with control characters are accepted',
    hooks: unchecked((_name, value) => /\p{Cc}/u.test(value)),
  },
  {
    name: 'field-values-in-unicode',
    clause: 'HEADER-4',
    about: 'Values outside ASCII are accepted',
    hooks: unchecked((_name, value) => /[^\0-\x7f]/.test(value)),
  },
  {
    name: 'field-values-with-delete',
    clause: 'HEADER-4',
    about: 'U+007F is accepted in values',
    hooks: unchecked((_name, value) => value.includes('\x7f')),
  },
  {
    name: 'field-values-without-tab',
    clause: 'HEADER-4',
    about: 'A tab in a value is refused',
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
    about: 'x-contextforge-auth-context takes the place of the auth context',
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
    about: 'x-contextforge-auth-context counts where there is no auth context',
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
    about: 'x-mcp-session-id names the session',
    hooks: onRequest((request) => {
      request.sessionId ||= fieldOf(request, 'x-mcp-session-id') ?? '';
    }),
  },
  {
    name: 'session-replaced-by-an-internal-field',
    clause: 'HEADER-5',
    about: 'x-mcp-session-id replaces the session',
    hooks: onRequest((request) => {
      if (request.sessionId !== '')
        request.sessionId = fieldOf(request, 'x-mcp-session-id') ?? request.sessionId;
    }),
  },
  {
    name: 'session-from-a-gateway-field',
    clause: 'HEADER-5',
    about: 'x-contextforge-session-id names the session',
    hooks: onRequest((request) => {
      request.sessionId ||= fieldOf(request, 'x-contextforge-session-id') ?? '';
    }),
  },
  {
    name: 'scope-from-an-internal-field',
    clause: 'HEADER-5',
    about: 'x-contextforge-server-id gives the scope',
    hooks: onRequest((request) => {
      request.serverId ||= fieldOf(request, 'x-contextforge-server-id') ?? '';
    }),
  },
  {
    name: 'forwarded-internally-is-trusted',
    clause: 'HEADER-5',
    about: 'x-forwarded-internally opens every session',
    hooks: {
      ...mark((request) => fieldOf(request, 'x-forwarded-internally') === 'true'),
      ...ownerUncheckedWhen(isMarked),
    },
  },
  {
    name: 'validated-session-is-trusted',
    clause: 'HEADER-5',
    about: 'x-contextforge-session-validated opens every session',
    hooks: {
      ...mark((request) => fieldOf(request, 'x-contextforge-session-validated') === 'rust'),
      ...ownerUncheckedWhen(isMarked),
    },
  },
  {
    name: 'internal-field-in-upper-case-is-trusted',
    clause: 'HEADER-5',
    about: 'X-Forwarded-Internally opens every session when it is not in lower-case',
    hooks: { ...mark(({ headers }) => 'X-Forwarded-Internally' in headers), ...ownerUncheckedWhen(isMarked) },
  },
  {
    name: 'original-worker-is-trusted-for-streams',
    clause: 'HEADER-5',
    about: 'x-original-worker opens the stream of every session',
    hooks: {
      ...mark((request) => fieldOf(request, 'x-original-worker') !== undefined),
      ...ownerUncheckedWhen((call) => isMarked(call) && call.rpc === 'InvokeStream'),
    },
  },
  {
    name: 'user-field-is-trusted-at-close',
    clause: 'HEADER-5',
    about: 'x-contextforge-user closes the sessions of that user',
    hooks: {
      ...mark((request) => fieldOf(request, 'x-contextforge-user') !== undefined),
      ...ownerUncheckedWhen((call) => isMarked(call) && call.rpc === 'CloseSession'),
    },
  },
  {
    name: 'internal-fields-refused',
    clause: 'HEADER-5',
    about: 'Calls with internal fields are refused',
    hooks: refusedWith('x-forwarded-internally'),
  },
  {
    name: 'identity-exempted-by-a-field',
    clause: 'HEADER-5',
    about: 'With x-original-worker an auth context that cannot be read is passed over',
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
    about: 'Calls with a cookie are refused',
    hooks: refusedWith('cookie'),
  },
  {
    name: 'method-override-honoured',
    clause: 'HEADER-6',
    about: 'x-http-method-override has an effect',
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
    about: 'An authorization field that is no bearer token is answered 401',
    hooks: {
      checkOwner(session, caller, call) {
        const token = call.headers.get('authorization');
        if (token !== undefined && !token.startsWith('Bearer ')) refuse('UNAUTHENTICATED');
        defaultHooks.checkOwner(session, caller, call);
      },
    },
  },
]);
