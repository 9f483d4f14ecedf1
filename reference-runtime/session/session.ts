import type { Caller } from '../identity/caller.ts';
import type { McpConnection } from '../mcp/connection.ts';
import type { EventStreams } from './event-streams.ts';

/** The parts of a session. */
export interface SessionOptions {
  readonly id: string;
  /** The email of the caller that created the session, or null for an anonymous caller (AUTH-2, AUTH-6). */
  readonly owner: string | null;
  /** The virtual server of the session, or "" (SESSION-5). */
  readonly serverId: string;
  readonly connection: McpConnection;
  readonly streams: EventStreams;
}

/** A session: an owner, a scope, an MCP connection and its streams. */
export type Session = ReturnType<typeof createSession>;

/** Creates a session. */
export function createSession(options: SessionOptions) {
  const { connection, streams } = options;
  return {
    ...options,
    /** The resources to which the session is subscribed (MCP-10). */
    subscriptions: connection.subscriptions,
    /** The time of the last use, in milliseconds of a monotonic clock. */
    lastUsed: performance.now(),
    /** Whether a call has used the session since its handshake. */
    wasUsed: false,
    /** Whether a request is in flight or the live stream is open. */
    get isBusy(): boolean {
      return connection.inFlight > 0 || streams.live.isRead;
    },
    /** Ends the requests and streams of the session normally (SESSION-8). */
    async close(): Promise<void> {
      await connection.close();
      streams.end();
    },
  };
}

/** Yields the sessions that are subscribed to a resource (MCP-10). */
export function* subscribersOf(sessions: Iterable<Session>, uri: string): Iterable<Session> {
  for (const session of sessions) if (session.subscriptions.has(uri)) yield session;
}

/** Returns the owner of sessions that this caller creates. */
export function ownerOf(caller: Caller): string | null {
  return caller.kind === 'known' ? caller.email : null;
}
