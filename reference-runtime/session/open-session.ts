import { randomBytes } from 'node:crypto';
import type { CallScope, Catalog } from '../catalog/catalog.ts';
import type { Call } from '../http/call.ts';
import type { Caller } from '../identity/caller.ts';
import { bindCatalog, capabilitiesOf } from '../mcp/bind-catalog.ts';
import { connectionHooks, McpConnection } from '../mcp/connection.ts';
import type { RequestMessage } from '../mcp/envelope.ts';
import { collectedResponse, type Outcome } from '../mcp/response-path.ts';
import { hasPrimingEvents, loadSdk, servedRevisions } from '../mcp/sdk.ts';
import { frameEvent, type StreamEvent } from '../mcp/sse.ts';
import type { Logger, RuntimeLimits } from '../options.ts';
import type { EventLog } from './event-log.ts';
import { EventStreams } from './event-streams.ts';
import { createSession, ownerOf, type Session } from './session.ts';

/** The hooks of sessions. */
export const sessionHooks = {
  ...connectionHooks,
  newSessionId,
  /** Returns whether a handshake succeeded (INIT-4). */
  isNegotiated: ({ revision }: McpConnection): boolean => revision !== undefined,
  ownerOf,
  capabilitiesOf,
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
  readonly catalog: Catalog;
  readonly version: string;
  readonly logger: Logger;
  /** Notifies every subscribed session that a resource has changed (MCP-10). */
  resourceUpdated(uri: string): void;
}

async function connect(environment: SessionEnvironment, subscriptions: Set<string>) {
  const { hooks, limits, catalog, version, logger } = environment;
  const sdk = await loadSdk();
  const server = new sdk.Server(
    { name: 'mcp-runtime-conformance', version },
    { capabilities: hooks.capabilitiesOf(catalog), supportedProtocolVersions: [...servedRevisions] },
  );
  const streams: EventStreams = new EventStreams({
    ...limits,
    priming: () => connection.revision !== undefined && hasPrimingEvents(connection.revision),
    frameEvent: hooks.frameEvent,
    replay: hooks.replay,
  });
  const methods = bindCatalog(server, catalog, {
    exchange: (internalId) => connection.exchange(internalId),
    subscriptions,
    maxSubscriptions: limits.maxSubscriptions,
    resourceUpdated: environment.resourceUpdated,
    onToolError: (tool, error) => logger.error({ tool, error: nameOf(error) }, 'a tool failed'),
  });
  const connection: McpConnection = await McpConnection.open({
    sdk,
    server,
    methods,
    live: streams.live,
    hooks,
    onError: (error) => logger.debug({ error: nameOf(error) }, 'the MCP server reported an error'),
  });
  return { connection, streams };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Handles `initialize`. It does not create a session if it fails or the caller has disconnected (INIT-4). */
export async function openSession(
  environment: SessionEnvironment,
  request: RequestMessage,
  caller: Caller,
  { serverId, signal }: Pick<Call, 'serverId' | 'signal'>,
): Promise<{ session: Session | undefined; outcome: Outcome }> {
  const { hooks } = environment;
  const id = hooks.newSessionId(request);
  const subscriptions = new Set<string>();
  const { connection, streams } = await connect(environment, subscriptions);
  const path = collectedResponse(environment.limits.collectedBytes);
  connection.request({ request, path, scope: hooks.scopeOfCall(id, caller, serverId) });
  const { outcome } = await path.answer;
  if (!hooks.isNegotiated(connection) || signal.aborted) {
    await connection.close();
    return { session: undefined, outcome };
  }
  const owner = hooks.ownerOf(caller);
  return { session: createSession({ id, owner, serverId, connection, streams, subscriptions }), outcome };
}
