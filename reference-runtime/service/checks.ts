import { RequestRefused, refused } from '../failures/request-refused.ts';
import type { Call } from '../http/call.ts';
import type { RequestHeaders } from '../http/headers.ts';
import { type Caller, type IdentityHooks, identify, identityHooks } from '../identity/caller.ts';
import { type IncomingMessage, parseMessage, type RequestMessage } from '../mcp/envelope.ts';
import { rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import { servedRevisions } from '../mcp/sdk.ts';
import type { RuntimeLimits } from '../options.ts';
import { ownerOf, type Session } from '../session/session.ts';
import type { SessionStore } from '../session/session-store.ts';

/** The checks that a call passes. */
export interface CheckHooks extends IdentityHooks {
  /** Whether a path is the MCP endpoint: `/mcp` or `/servers/ID/mcp`, nothing else (RPC-6, RPC-7). */
  isEndpoint(path: string): boolean;
  /** @throws RequestRefused 400 for a revision that is not served (INIT-6); its absence is fine (INIT-7). */
  checkProtocolVersion(headers: RequestHeaders): void;
  /** Reads a JSON-RPC message (JSONRPC-4 to -7). */
  parseMessage(body: Uint8Array): IncomingMessage;
  /** @throws RequestRefused 400 for a call that needs a session and names none (SESSION-3). */
  withoutSession(call: Call): Session;
  /** @throws RequestRefused where there is no such session (SESSION-2). */
  findSession(sessions: SessionStore, id: string): Session;
  /**
   * @throws RequestRefused 403 for another owner, for none, and for a known caller in an anonymous session (AUTH-2,
   *   AUTH-3, AUTH-6).
   */
  checkOwner(session: Session, caller: Caller, call: Call): void;
  /** @throws RequestRefused 403 where the session was created in another scope (SESSION-5). */
  checkScope(session: Session, serverId: string, call: Call): void;
}

const endpoint = /^\/(?:servers\/([^/?#]+)\/)?mcp$/;

/** The reference runtime's own behaviour. */
export const checkHooks: CheckHooks = {
  ...identityHooks,
  isEndpoint(path) {
    const match = endpoint.exec(path);
    return match !== null && match[1] !== '.' && match[1] !== '..';
  },
  checkProtocolVersion(headers) {
    const revision = headers.get('mcp-protocol-version');
    if (revision === undefined || servedRevisions.some((served) => served === revision)) return;
    throw refused(
      'INVALID_ARGUMENT',
      'protocol_version_not_served',
      `mcp-protocol-version: not served; served are ${servedRevisions.join(', ')}`,
      { rpcCode: rpcErrorCodes.serverError, data: { supported: servedRevisions } },
    );
  },
  parseMessage,
  withoutSession() {
    throw refused(
      'INVALID_ARGUMENT',
      'session_required',
      'session_id: is missing; only initialize goes without',
    );
  },
  findSession: (sessions, id) => sessions.find(id),
  checkOwner(session, caller) {
    if (ownerOf(caller) === session.owner) return;
    throw refused('PERMISSION_DENIED', 'not_the_owner', 'The session belongs to another caller');
  },
  checkScope(session, serverId) {
    if (serverId === session.serverId) return;
    throw refused('PERMISSION_DENIED', 'other_scope', 'The session was created for another server_id');
  },
};

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
    throw refused(
      'INVALID_ARGUMENT',
      'body_too_large',
      `The body has more than ${limits.maxBodyBytes} bytes`,
      { httpStatus: 413 },
    );
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
