import { encodeAuthContext } from '../../../client/auth-context.ts';
import type { RuntimeRequest } from '../../../client/messages.ts';
import { templateId } from '../transport/transport.ts';

const revision = '2025-11-25';

/** All sessions of a benchmark have this owner. */
const authContext = encodeAuthContext({ isAuthenticated: true, email: 'bench@example.com', teams: [] });

/** Makes a JSON-RPC request. @param sessionId undefined only for `initialize` */
export function requestOf(method: string, params: object, sessionId?: string): RuntimeRequest {
  return messageOf({ jsonrpc: '2.0', id: templateId, method, params }, sessionId);
}

/** Makes a JSON-RPC notification. */
export function notificationOf(method: string, sessionId: string): RuntimeRequest {
  return messageOf({ jsonrpc: '2.0', method }, sessionId);
}

/** Makes a call of a tool of the conformance catalog. */
export function toolCall(name: string, args: object, sessionId: string): RuntimeRequest {
  return requestOf('tools/call', { name, arguments: args }, sessionId);
}

/** Makes the same request, but accepts a stream of events as its answer. */
export function asStream(request: RuntimeRequest): RuntimeRequest {
  const accept = 'application/json, text/event-stream';
  return { ...request, method: 'POST', headers: { ...request.headers, accept } };
}

/** Makes the request that opens a session. */
export function initialize(): RuntimeRequest {
  return requestOf('initialize', {
    protocolVersion: revision,
    capabilities: {},
    clientInfo: { name: 'mcp-runtime-conformance bench', version: '1' },
  });
}

/** Makes the request that opens the live stream of a session. */
export function liveStream(sessionId: string): RuntimeRequest {
  return bare(sessionId, { accept: 'text/event-stream' });
}

/** Makes the request that closes a session. */
export function closeSession(sessionId: string): RuntimeRequest {
  return bare(sessionId, {});
}

function messageOf(message: object, sessionId: string | undefined): RuntimeRequest {
  return {
    body: JSON.stringify(message),
    // A gateway turns a POST into a stream if `accept` also names streams of events.
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(sessionId !== undefined && { 'mcp-protocol-version': revision }),
    },
    sessionId,
    authContext,
  };
}

function bare(sessionId: string, headers: Readonly<Record<string, string>>): RuntimeRequest {
  return { headers: { 'mcp-protocol-version': revision, ...headers }, sessionId, authContext };
}
