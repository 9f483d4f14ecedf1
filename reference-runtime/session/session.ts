import type { Caller } from '../identity/caller.ts';
import type { McpConnection } from '../mcp/connection.ts';
import type { EventStreams } from './event-streams.ts';

/** What a session is made of. */
export interface SessionOptions {
  readonly id: string;
  /** The email of the caller that created it, null for one without identity (AUTH-2, AUTH-6). */
  readonly owner: string | null;
  /** The virtual server that it was created for, "" for none (SESSION-5). */
  readonly serverId: string;
  readonly connection: McpConnection;
  readonly streams: EventStreams;
  readonly subscriptions: ReadonlySet<string>;
}

/** A session of the revisions that have sessions: an owner, a scope, an MCP connection and its streams. */
export type Session = ReturnType<typeof createSession>;

/** Makes a session. */
export function createSession(options: SessionOptions) {
  const { connection, streams } = options;
  return {
    ...options,
    /** When it was last used, in milliseconds of a monotonic clock. */
    lastUsed: performance.now(),
    /** Whether a request is in flight or its live stream is open. */
    get isBusy(): boolean {
      return connection.inFlight > 0 || streams.live.isRead;
    },
    /** Ends its requests and streams in the regular way (SESSION-8). */
    async close(): Promise<void> {
      await connection.close();
      streams.end();
    },
  };
}

/** The sessions that subscribed to a resource (MCP-10). */
export function* subscribersOf(sessions: Iterable<Session>, uri: string): Iterable<Session> {
  for (const session of sessions) if (session.subscriptions.has(uri)) yield session;
}

/** The owner that a session of this caller has. */
export function ownerOf(caller: Caller): string | null {
  return caller.kind === 'known' ? caller.email : null;
}
