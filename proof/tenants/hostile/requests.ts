import type { AuthContext, RuntimeRequest } from '../../../client/index.ts';
import { initialize } from '../../../conformance/bench/workloads/requests.ts';
import type { TenantSession } from './tenant.ts';

const revision = '2025-11-25';

/** Makes the request that opens a session with an identity. */
export function opening(authContext: AuthContext): RuntimeRequest {
  return { ...initialize(), authContext };
}

/** Makes a request with a body in a session. */
export function posted(body: string, { id, authContext }: TenantSession): RuntimeRequest {
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': revision,
  };
  return { body, headers, sessionId: id, authContext };
}

/** Makes a JSON-RPC request in a session. */
export function request(method: string, params: object, session: TenantSession): RuntimeRequest {
  return posted(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), session);
}

/** Makes a call of a tool in a session. */
export function toolCall(name: string, args: object, session: TenantSession): RuntimeRequest {
  return request('tools/call', { name, arguments: args }, session);
}

/** Makes a request without a body, which reads the live stream or closes the session, depending on the RPC. */
export function bare({ id, authContext }: TenantSession): RuntimeRequest {
  const headers = { accept: 'text/event-stream', 'mcp-protocol-version': revision };
  return { headers, sessionId: id, authContext };
}
