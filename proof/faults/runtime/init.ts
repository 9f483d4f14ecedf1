import { RequestRefused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { isOk, isRefusal, type Members, onAnswerIf, onJson, onMessage, refuse } from '../changes/runtime.ts';

/** Faults in the handshake and in MCP revisions. */
export const initFaults = runtimeFaults([
  {
    name: 'initialize-without-session-id',
    clause: 'INIT-1',
    about: 'The runtime omits the session id from the answer to initialize',
    hooks: onAnswerIf(isOk, (answer) => ({
      ...answer,
      headers: { 'content-type': answer.headers['content-type'] ?? '' },
    })),
  },
  {
    name: 'initialize-without-server-info',
    clause: 'INIT-1',
    about: 'The runtime omits serverInfo from the result of initialize',
    hooks: handshakeResult(({ serverInfo: _left, ...rest }) => rest),
  },
  {
    name: 'initialize-without-capabilities',
    clause: 'INIT-1',
    about: 'The runtime omits capabilities from the result of initialize',
    hooks: handshakeResult(({ capabilities: _left, ...rest }) => rest),
  },
  {
    name: 'always-the-latest-revision',
    clause: 'INIT-2',
    about: 'The runtime answers every caller with the latest revision',
    hooks: handshakeResult((result) => ({ ...result, protocolVersion: '2025-11-25' })),
  },
  {
    name: 'always-the-oldest-revision',
    clause: 'INIT-2',
    about: 'The runtime answers every caller with the oldest revision',
    hooks: handshakeResult((result) => ({ ...result, protocolVersion: '2024-11-05' })),
  },
  {
    name: 'any-revision-agreed-to',
    clause: 'INIT-3',
    about: 'The runtime accepts every requested revision',
    hooks: {
      writeResult: (id, result, request) =>
        defaultHooks.writeResult(
          id,
          request.method === 'initialize'
            ? { ...(result as Members), protocolVersion: (request.params as Members)['protocolVersion'] }
            : result,
          request,
        ),
    },
  },
  {
    name: 'unknown-revision-refused',
    clause: 'INIT-3',
    about: 'The runtime refuses initialize with an unknown revision',
    hooks: onMessage((message) => {
      const asked =
        message.kind === 'request' && (message.params as Members | undefined)?.['protocolVersion'];
      return typeof asked === 'string' && !/^20(24-11-05|25-03-26|25-06-18|25-11-25)$/.test(asked)
        ? refuse('INVALID_ARGUMENT')
        : message;
    }),
  },
  {
    name: 'failed-handshake-makes-a-session',
    clause: 'INIT-4',
    about: 'The runtime creates a session for a failed handshake',
    hooks: {
      misfitOf: (sdk, method, params) =>
        method === 'initialize' ? undefined : defaultHooks.misfitOf(sdk, method, params),
      isNegotiated: () => true,
    },
  },
  {
    name: 'refused-handshake-names-a-session',
    clause: 'INIT-4',
    about: 'The runtime sends a session id with a refused call',
    alsoBreaks: [
      { clause: 'SESSION-9', reason: 'A refused call in a session gets the id of another session.' },
    ],
    hooks: onAnswerIf(
      ({ status }) => status === 401,
      (answer) => ({
        ...answer,
        headers: { ...answer.headers, 'mcp-session-id': defaultHooks.newSessionId() },
      }),
    ),
  },
  {
    name: 'second-handshake-opens-another-session',
    clause: 'INIT-5',
    about: 'The runtime creates another session for initialize within a session',
    hooks: { isHandshake: (_call, { method }) => method === 'initialize' },
  },
  {
    name: 'second-handshake-is-a-server-error',
    clause: 'INIT-5',
    about: 'The runtime refuses initialize within a session with -32000',
    hooks: onJson(isRefusal, (json) =>
      JSON.stringify(json).includes('already_initialized')
        ? { ...json, error: { ...(json['error'] as Members), code: -32000 } }
        : json,
    ),
  },
  {
    name: 'version-field-ignored',
    clause: 'INIT-6',
    about: 'The runtime ignores the field mcp-protocol-version',
    hooks: { checkProtocolVersion: () => undefined },
  },
  {
    name: 'served-revisions-not-listed',
    clause: 'INIT-6',
    about: 'The runtime omits the served revisions when it refuses a revision',
    hooks: {
      checkProtocolVersion(headers) {
        try {
          defaultHooks.checkProtocolVersion(headers);
        } catch {
          refuse('INVALID_ARGUMENT');
        }
      },
    },
  },
  {
    name: 'later-revisions-served',
    clause: 'INIT-6',
    about: 'The runtime accepts revisions later than its latest one',
    hooks: {
      checkProtocolVersion(headers) {
        if ((headers.get('mcp-protocol-version') ?? '') < '2026') defaultHooks.checkProtocolVersion(headers);
      },
    },
  },
  {
    name: 'version-field-loosely-read',
    clause: 'INIT-6',
    about: 'The runtime accepts every date as a revision',
    hooks: {
      checkProtocolVersion(headers) {
        const revision = headers.get('mcp-protocol-version');
        if (revision !== undefined && !/^\d{4}-\d\d-\d\d$/.test(revision)) {
          defaultHooks.checkProtocolVersion(headers);
        }
      },
    },
  },
  {
    name: 'version-field-required',
    clause: 'INIT-7',
    about: 'The runtime refuses calls in a session if they omit mcp-protocol-version',
    hooks: {
      checkOwner(session, caller, call) {
        if (!call.headers.has('mcp-protocol-version')) {
          throw new RequestRefused('INVALID_ARGUMENT', { code: 'fault', message: 'A field is missing' });
        }
        defaultHooks.checkOwner(session, caller, call);
      },
    },
  },
]);

function handshakeResult(change: (result: Members) => Members): Hooks {
  return {
    writeResult: (id, result, request) =>
      defaultHooks.writeResult(
        id,
        request.method === 'initialize' ? change({ ...(result as Members) }) : result,
        request,
      ),
  };
}
