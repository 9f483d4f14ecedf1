import { RequestRefused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { errorResponse, rpcErrorCodes } from '../../../reference-runtime/mcp/json-rpc-error.ts';
import { servedRevisions } from '../../../reference-runtime/mcp/sdk.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { type Members, onJson, onMessage, onRequest, onResponse } from '../changes/runtime.ts';

/** Serves only one revision. */
function only(revision: string): Hooks {
  return {
    ...onMessage((message) =>
      message.kind === 'request' &&
      message.method === 'initialize' &&
      typeof message.params === 'object' &&
      message.params !== null &&
      'protocolVersion' in message.params &&
      typeof message.params.protocolVersion === 'string'
        ? { ...message, params: { ...(message.params as Members), protocolVersion: revision } }
        : message,
    ),
    checkProtocolVersion(headers) {
      const named = headers.get('mcp-protocol-version');
      if (named === undefined || named === revision) return;
      throw new RequestRefused('INVALID_ARGUMENT', {
        code: 'protocol_version_not_served',
        rpcCode: rpcErrorCodes.serverError,
        message: `mcp-protocol-version: not served; served is ${revision}`,
        data: { supported: [revision] },
      });
    },
  };
}

/** Refuses requests other than a ping until a session has sent `notifications/initialized`. */
function waitingForInitialized(): Hooks {
  const initialized = new Set<string>();
  return {
    ...onRequest(({ sessionId, body }) => {
      if (Buffer.from(body).includes('notifications/initialized')) initialized.add(sessionId);
    }),
    beginRequest(session, call, exchange) {
      const { request, path } = exchange;
      if (initialized.has(session.id) || ['initialize', 'ping'].includes(request.method)) {
        return defaultHooks.beginRequest(session, call, exchange);
      }
      const error = { code: -32600, message: 'The session is not initialized' };
      path.finish({ kind: 'response', json: errorResponse(request.id, error) });
      return { cancel: () => undefined, release: () => undefined };
    },
  };
}

/** Variations of the handshake and of MCP revisions. */
export const initVariations = variations([
  {
    name: 'session-in-every-answer',
    clause: 'INIT-1',
    about: 'The runtime sends the session id with every response in a session',
    hooks: onResponse((response, { sessionId }) => {
      if (sessionId !== '' && response.status < 300) response.headers['mcp-session-id'] = sessionId;
      return response;
    }),
  },
  {
    name: 'requests-before-initialized-refused',
    clause: 'INIT-1',
    about: 'The runtime refuses requests other than a ping before notifications/initialized',
    hooks: waitingForInitialized(),
  },
  {
    name: 'latest-revision-alone',
    clause: 'INIT-3',
    about: 'The runtime serves only revision 2025-11-25',
    servesLess: true,
    hooks: only('2025-11-25'),
  },
  {
    name: 'middle-revision-alone',
    clause: 'INIT-3',
    about: 'The runtime serves only revision 2025-06-18',
    servesLess: true,
    hooks: only('2025-06-18'),
  },
  {
    name: 'oldest-revision-alone',
    clause: 'INIT-3',
    about: 'The runtime serves only revision 2024-11-05',
    servesLess: true,
    hooks: only('2024-11-05'),
  },
  {
    name: 'second-initialize-without-an-id',
    clause: 'INIT-5',
    about: 'The runtime refuses a second initialize with the id null',
    hooks: onJson(
      ({ status, body }) => status === 400 && Buffer.from(body).includes('initialize'),
      (json) => ({ ...json, id: null }),
    ),
  },
  {
    name: 'oldest-revision-offered',
    clause: 'INIT-3',
    about: 'The runtime answers an unknown revision with the oldest one that it serves',
    hooks: onMessage((message) => {
      if (message.kind !== 'request' || message.method !== 'initialize') return message;
      const { protocolVersion, ...params } = Object(message.params) as Members;
      const isUnknown =
        typeof protocolVersion === 'string' && !servedRevisions.some((served) => served === protocolVersion);
      return isUnknown ? { ...message, params: { ...params, protocolVersion: '2024-11-05' } } : message;
    }),
  },
]);
