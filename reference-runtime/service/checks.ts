import { RequestRefused, refused } from '../failures/request-refused.ts';
import type { Call, RequestHeaders } from '../http/call.ts';
import { type Caller, identify, identityHooks } from '../identity/caller.ts';
import { type IncomingMessage, parseMessage, type RequestMessage } from '../mcp/envelope.ts';
import { rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import { servedRevisions } from '../mcp/sdk.ts';
import type { RuntimeLimits } from '../options.ts';
import { ownerOf, type Session } from '../session/session.ts';
import type { SessionStore } from '../session/session-store.ts';

const endpoint = /^\/(?:servers\/([^/?#]+)\/)?mcp\/?$/;

/** The checks that a call passes. */
export const checkHooks = {
  ...identityHooks,
  /** Whether a path is the MCP endpoint: `/mcp` or `/servers/ID/mcp`, with or without a slash at the end (RPC-6, RPC-7). */
  isEndpoint(path: string): boolean {
    const match = endpoint.exec(path);
    return match !== null && match[1] !== '.' && match[1] !== '..';
  },
  /** @throws RequestRefused 400 for a revision that is not served (INIT-6); its absence is fine (INIT-7). */
  checkProtocolVersion(headers: RequestHeaders): void {
    const revision = headers.get('mcp-protocol-version');
    if (revision === undefined || servedRevisions.some((served) => served === revision)) return;
    const message = `mcp-protocol-version: not served; served are ${servedRevisions.join(', ')}`;
    const data = { supported: servedRevisions };
    throw refused('INVALID_ARGUMENT', 'protocol_version_not_served', message, { data });
  },
  parseMessage,
  /** @throws RequestRefused 400 for a call that needs a session and names none (SESSION-3). */
  withoutSession(_call: Call): Session {
    const message = 'session_id: is missing; only initialize goes without';
    throw refused('INVALID_ARGUMENT', 'session_required', message);
  },
  /** @throws RequestRefused where there is no such session (SESSION-2). */
  findSession: (sessions: SessionStore, id: string): Session => sessions.find(id),
  /** @throws RequestRefused 403 for every caller but the owner (AUTH-2, AUTH-3, AUTH-6). */
  checkOwner(session: Session, caller: Caller, _call: Call): void {
    if (ownerOf(caller) === session.owner) return;
    throw refused('PERMISSION_DENIED', 'not_the_owner', 'The session belongs to another caller');
  },
  /** @throws RequestRefused 403 where the session was created in another scope (SESSION-5). */
  checkScope(session: Session, serverId: string, _call: Call): void {
    if (serverId === session.serverId) return;
    throw refused('PERMISSION_DENIED', 'other_scope', 'The session was created for another server_id');
  },
};
/** The replaceable checks. */
export type CheckHooks = typeof checkHooks;

/** What the checks need. */
export interface CheckOptions {
  readonly hooks: CheckHooks;
  readonly limits: RuntimeLimits;
  readonly sessions: SessionStore;
}

/** Establishes who calls the endpoint. @throws RequestRefused */
export function admit({ hooks }: CheckOptions, call: Call): Caller {
  if (!hooks.isEndpoint(call.path)) {
    throw refused('NOT_FOUND', 'no_such_path', 'path: is not the MCP endpoint');
  }
  return identify(call.authContext, hooks);
}

/** Who posts, and the message that they post. @throws RequestRefused */
export function readPost(options: CheckOptions, call: Call): { caller: Caller; message: IncomingMessage } {
  const { hooks, limits } = options;
  const caller = admit(options, call);
  if (call.body.length > limits.maxBodyBytes) {
    const message = `The body has more than ${limits.maxBodyBytes} bytes`;
    throw refused('INVALID_ARGUMENT', 'body_too_large', message, { httpStatus: 413 });
  }
  const message = hooks.parseMessage(call.body);
  try {
    hooks.checkProtocolVersion(call.headers);
  } catch (error) {
    throw message.kind === 'request' ? asAnswerTo(message, error) : error;
  }
  return { caller, message };
}

/** The session that a call names and its caller may use. @throws RequestRefused */
export function sessionOf({ hooks, sessions }: CheckOptions, call: Call, caller: Caller): Session {
  if (call.sessionId === '') return hooks.withoutSession(call);
  const session = hooks.findSession(sessions, call.sessionId);
  hooks.checkOwner(session, caller, call);
  hooks.checkScope(session, call.serverId, call);
  // Only now: a refused call does not count as use of the session (AUTH-2).
  session.lastUsed = performance.now();
  return session;
}

/** @throws RequestRefused for a second `initialize` (INIT-5) and for too many requests (SESSION-10). */
export function checkRequest({ limits }: CheckOptions, session: Session, request: RequestMessage): void {
  if (request.method === 'initialize') {
    throw refused('INVALID_ARGUMENT', 'already_initialized', 'The session is initialized already', {
      rpcCode: rpcErrorCodes.invalidRequest,
    });
  }
  if (session.connection.inFlight >= limits.maxRequestsPerSession) {
    throw refused('RATE_LIMITED', 'too_many_requests', 'The session has too many requests under way');
  }
}

/** The error, as the answer to a request where it is a refusal. */
export function asAnswerTo(request: RequestMessage, error: unknown): unknown {
  return error instanceof RequestRefused ? error.withId(request.id) : error;
}
