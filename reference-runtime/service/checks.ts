import { CallRefused } from '../failures/call-refused.ts';
import { RequestRefused, refused } from '../failures/request-refused.ts';
import type { Call, RequestHeaders } from '../http/call.ts';
import { type AnonymousPolicy, type Caller, identify, identityHooks } from '../identity/caller.ts';
import type { FairWork, Steps } from '../large-json/fair-work.ts';
import {
  type IncomingMessage,
  largeBodyBytes,
  parseLargeMessage,
  parseMessage,
  type RequestMessage,
} from '../mcp/envelope.ts';
import { rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import { servedRevisions } from '../mcp/sdk.ts';
import { namesModernRevision } from '../modern/era.ts';
import type { ModernService } from '../modern/modern-service.ts';
import { modernHooks } from '../modern/modern-service.ts';
import type { RuntimeLimits } from '../options.ts';
import { ownerOf, type Session } from '../session/session.ts';
import type { SessionStore } from '../session/session-store.ts';

const endpoint = /^\/(?:servers\/([^/?#]+)\/)?mcp\/?$/;

/** Hooks that check a call. */
export const checkHooks = {
  ...identityHooks,
  ...modernHooks,
  /**
   * Returns whether a path is an MCP endpoint: `/mcp` or `/servers/ID/mcp`, with an optional final slash (RPC-6,
   * RPC-7).
   */
  isEndpoint(path: string): boolean {
    const match = endpoint.exec(path);
    return match !== null && match[1] !== '.' && match[1] !== '..';
  },
  /** Accepts a missing revision (INIT-7). @throws RequestRefused 400 for an unsupported revision (INIT-6) */
  checkProtocolVersion(headers: RequestHeaders): void {
    const revision = headers.get('mcp-protocol-version');
    if (revision === undefined || servedRevisions.some((served) => served === revision)) return;
    const message = `mcp-protocol-version: unsupported; supported are ${servedRevisions.join(', ')}`;
    const data = { supported: servedRevisions };
    throw refused('INVALID_ARGUMENT', 'protocol_version_not_served', message, { data });
  },
  /**
   * Makes the checks that do not depend on the body (RPC-23). A request of the sessionless era may name any session.
   * @throws RequestRefused
   */
  checkBeforeBody(options: CheckOptions, call: Call, caller: Caller): void {
    if (options.modern !== undefined && namesModernRevision(call.headers)) return;
    if (call.sessionId !== '') sessionOf(options, call, caller);
    else checkAnonymous(options, caller);
  },
  parseMessage,
  /** Called for a call without the required session id. @throws RequestRefused 400 (SESSION-3) */
  withoutSession(_call: Call): Session {
    const message = 'session_id: missing; only initialize works without a session';
    throw refused('INVALID_ARGUMENT', 'session_required', message);
  },
  /** Finds a session. @throws RequestRefused for an unknown session (SESSION-2) */
  findSession: (sessions: SessionStore, id: string): Session => sessions.find(id),
  /** Checks the owner of a session. @throws RequestRefused 403 for any other caller (AUTH-2, AUTH-3, AUTH-6) */
  checkOwner(session: Session, caller: Caller, _call: Call): void {
    if (ownerOf(caller) === session.owner) return;
    throw refused('PERMISSION_DENIED', 'not_the_owner', 'The session belongs to another caller');
  },
  /** Checks the scope of a session. @throws RequestRefused 403 for any other scope (SESSION-5) */
  checkScope(session: Session, serverId: string, _call: Call): void {
    if (serverId === session.serverId) return;
    throw refused('PERMISSION_DENIED', 'other_scope', 'The session was created for another server_id');
  },
};
export type CheckHooks = Omit<typeof checkHooks, 'checkBeforeBody'> & {
  checkBeforeBody(options: CheckOptions, call: Call, caller: Caller): void;
};

/** Options of the checks. */
export interface CheckOptions {
  readonly hooks: CheckHooks;
  readonly limits: RuntimeLimits;
  readonly sessions: SessionStore;
  readonly anonymous: AnonymousPolicy;
  /** Serves the sessionless era. Undefined: the runtime serves only the revisions with sessions. */
  readonly modern: ModernService | undefined;
  /** Parses large bodies. */
  readonly parsing: FairWork;
}

/** Checks the path and returns the caller. @throws RequestRefused */
export function admit({ hooks }: CheckOptions, call: Call): Caller {
  if (!hooks.isEndpoint(call.path)) {
    throw refused('NOT_FOUND', 'no_such_path', 'path: is not the MCP endpoint');
  }
  return identify(call.authContext, hooks);
}

/** Applies the policy for anonymous callers (AUTH-6). @throws RequestRefused 401 */
export function checkAnonymous({ anonymous }: Pick<CheckOptions, 'anonymous'>, caller: Caller): void {
  if (caller.kind !== 'anonymous' || anonymous !== 'refuse') return;
  const message = 'auth_context: callers without identity are not allowed';
  throw refused('UNAUTHENTICATED', 'identity_required', message);
}

/** A POST: its caller, its message, and the era that serves it. */
export type Post = Readonly<{ caller: Caller; message: IncomingMessage }> &
  Readonly<{ era: 'legacy' } | { era: 'modern'; service: ModernService }>;

/**
 * Checks a POST. The checks that do not depend on the body come before it is parsed (RPC-23). The revision of a request
 * of the sessionless era is checked later.
 * @throws RequestRefused
 */
export async function readPost(options: CheckOptions, call: Call): Promise<Post> {
  const { hooks, limits, modern } = options;
  const caller = admit(options, call);
  hooks.checkBeforeBody(options, call, caller);
  if (call.body.length > limits.maxBodyBytes) {
    const message = `The body has more than ${limits.maxBodyBytes} bytes`;
    throw refused('INVALID_ARGUMENT', 'body_too_large', message, { httpStatus: 413 });
  }
  const message = await parse(options, call, caller);
  if (modern !== undefined && hooks.isModern(message, call.headers)) {
    return { caller, message, era: 'modern', service: modern };
  }
  try {
    hooks.checkProtocolVersion(call.headers);
  } catch (error) {
    throw message.kind === 'request' ? asAnswerTo(message, error) : error;
  }
  return { caller, message, era: 'legacy' };
}

async function parse(options: CheckOptions, call: Call, caller: Caller): Promise<IncomingMessage> {
  const { hooks, modern, parsing } = options;
  const { body, headers } = call;
  try {
    // A fault that replaces the parser replaces it for large bodies as well.
    if (body.length <= largeBodyBytes || hooks.parseMessage !== parseMessage) return hooks.parseMessage(body);
    return await parsing.run(ownerOf(caller), whileConnected(call, parseLargeMessage(body)));
  } catch (error) {
    const isRefusal = modern !== undefined && error instanceof RequestRefused;
    throw isRefusal && namesModernRevision(headers) ? error.withoutId(hooks.unreadableId()) : error;
  }
}

/** Gives up the work for a call that has ended. @throws CallRefused */
function* whileConnected<T>({ signal }: Call, steps: Steps<T>): Steps<T> {
  for (;;) {
    if (signal.aborted) throw new CallRefused('UNAVAILABLE', 'The caller has disconnected');
    const step = steps.next();
    if (step.done === true) return step.value;
    yield;
  }
}

/** Returns the session of a call, if the caller may use it. @throws RequestRefused */
export function sessionOf({ hooks, sessions }: CheckOptions, call: Call, caller: Caller): Session {
  if (call.sessionId === '') return hooks.withoutSession(call);
  const session = hooks.findSession(sessions, call.sessionId);
  hooks.checkOwner(session, caller, call);
  hooks.checkScope(session, call.serverId, call);
  // After the checks, because a refused call does not count as use of the session (AUTH-2).
  session.lastUsed = performance.now();
  session.wasUsed = true;
  return session;
}

/** Checks a request in a session. @throws RequestRefused for a second `initialize` (INIT-5) or too many requests */
export function checkRequest({ limits }: CheckOptions, session: Session, request: RequestMessage): void {
  if (request.method === 'initialize') {
    throw refused('INVALID_ARGUMENT', 'already_initialized', 'The session is already initialized', {
      rpcCode: rpcErrorCodes.invalidRequest,
    });
  }
  if (session.connection.inFlight >= limits.maxRequestsPerSession) {
    throw refused('RATE_LIMITED', 'too_many_requests', 'The session has too many requests in flight');
  }
}

/** Adds the id of a request to a refusal. Returns any other error unchanged. */
export function asAnswerTo(request: RequestMessage, error: unknown): unknown {
  return error instanceof RequestRefused ? error.withId(request.id) : error;
}
