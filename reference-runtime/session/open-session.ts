import { randomBytes } from 'node:crypto';
import type { CallScope } from '../catalog/catalog.ts';
import { refused } from '../failures/request-refused.ts';
import type { Call } from '../http/call.ts';
import type { Caller } from '../identity/caller.ts';
import { catalogHooks } from '../mcp/catalog-source.ts';
import { connectionHooks, McpConnection } from '../mcp/connection.ts';
import type { RequestMessage } from '../mcp/envelope.ts';
import { errorResponse, invalidParams } from '../mcp/json-rpc-error.ts';
import { collectedResponse, type Outcome } from '../mcp/response-path.ts';
import { hasPrimingEvents, isServedRevision, loadSdk } from '../mcp/sdk.ts';
import type { ServerPort, ServerSource, SessionContext } from '../mcp/server-link.ts';
import { frameEvent, type StreamEvent } from '../mcp/sse.ts';
import type { RuntimeLimits } from '../options.ts';
import type { EventLog } from './event-log.ts';
import { EventStreams } from './event-streams.ts';
import { createSession, ownerOf, type Session } from './session.ts';

/** The hooks of sessions. */
export const sessionHooks = {
  ...connectionHooks,
  ...catalogHooks,
  newSessionId,
  /** Returns whether a handshake succeeded (INIT-4). */
  isNegotiated: ({ revision }: McpConnection): boolean => revision !== undefined,
  ownerOf,
  /** Returns the scope of a call, through which a tool sees its caller (AUTH-9). */
  scopeOfCall(sessionId: string, caller: Caller, serverId: string): CallScope {
    const owner = caller.kind === 'known' ? `caller ${caller.email}` : `session ${sessionId}`;
    return { caller, serverId, owner };
  },
  /** Returns the events of a stream that follow an event (RESUME-2). */
  replay: (log: EventLog, stream: number, sequence: number): readonly StreamEvent[] | undefined =>
    log.after(stream, sequence),
  frameEvent,
};
export type SessionHooks = typeof sessionHooks;

/** Creates a session id: 192 random bits in base64url, which is visible ASCII (SESSION-1). */
export function newSessionId(_request?: RequestMessage): string {
  return randomBytes(24).toString('base64url');
}

/** Dependencies that all sessions of a runtime share. */
export interface SessionEnvironment {
  readonly hooks: SessionHooks;
  readonly limits: RuntimeLimits;
  /** Provides the MCP server of each session. */
  readonly servers: ServerSource;
}

async function connect({ hooks, limits, servers }: SessionEnvironment, context: SessionContext) {
  const streams: EventStreams = new EventStreams({
    ...limits,
    priming: () => connection.revision !== undefined && hasPrimingEvents(connection.revision),
    frameEvent: hooks.frameEvent,
    replay: hooks.replay,
  });
  const link = (port: ServerPort) => servers.open(context, port);
  const connection: McpConnection = await McpConnection.open({ link, live: streams.live, hooks });
  return { connection, streams };
}

/** Handles `initialize`. It does not create a session if it fails or the caller has disconnected (INIT-4). */
export async function openSession(
  environment: SessionEnvironment,
  request: RequestMessage,
  caller: Caller,
  { serverId, signal }: Pick<Call, 'serverId' | 'signal'>,
): Promise<{ session: Session | undefined; outcome: Outcome }> {
  const { hooks } = environment;
  // Before a server is created for nothing.
  const misfit = hooks.misfitOf(await loadSdk(), 'initialize', request.params);
  if (misfit !== undefined) {
    const json = errorResponse(hooks.responseId(request.id), invalidParams(misfit));
    return { session: undefined, outcome: { kind: 'response', json } };
  }
  const id = hooks.newSessionId(request);
  const { connection, streams } = await connect(environment, { sessionId: id, serverId, caller });
  const path = collectedResponse(environment.limits.collectedBytes);
  // A caller that has disconnected does not wait for a server that never answers.
  const abandon = () => void connection.close();
  signal.addEventListener('abort', abandon, { once: true });
  connection.request({ request, path, scope: hooks.scopeOfCall(id, caller, serverId) });
  if (signal.aborted) abandon();
  const { outcome } = await path.answer;
  signal.removeEventListener('abort', abandon);
  if (!hooks.isNegotiated(connection) || signal.aborted) {
    await connection.close();
    return { session: undefined, outcome };
  }
  if (connection.revision !== undefined && !isServedRevision(connection.revision)) {
    await connection.close();
    const message = `The MCP server speaks only MCP ${connection.revision}, which this runtime does not serve`;
    return {
      session: undefined,
      outcome: { kind: 'failed', refusal: refused('UPSTREAM_ERROR', 'revision_not_served', message) },
    };
  }
  const owner = hooks.ownerOf(caller);
  return { session: createSession({ id, owner, serverId, connection, streams }), outcome };
}
