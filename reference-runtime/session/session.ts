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
  /** The URIs that it subscribed to. */
  readonly subscriptions: ReadonlySet<string>;
}

/** A session of the revisions that have sessions: an owner, a scope, an MCP connection and its streams. */
export class Session {
  readonly id: string;
  readonly owner: string | null;
  readonly serverId: string;
  readonly connection: McpConnection;
  readonly streams: EventStreams;
  readonly subscriptions: ReadonlySet<string>;
  /** When it was last used, in milliseconds of a monotonic clock. */
  lastUsed = performance.now();

  constructor({ id, owner, serverId, connection, streams, subscriptions }: SessionOptions) {
    this.id = id;
    this.owner = owner;
    this.serverId = serverId;
    this.connection = connection;
    this.streams = streams;
    this.subscriptions = subscriptions;
  }

  /** Whether something goes on in it: a request under way or an open live stream. */
  get isBusy(): boolean {
    return this.connection.inFlight > 0 || this.streams.live.isRead;
  }

  /** Ends its requests and streams in the regular way (SESSION-8). */
  async close(): Promise<void> {
    await this.connection.close();
    this.streams.end();
  }
}

/** The sessions that subscribed to a resource (MCP-10). */
export function* subscribersOf(sessions: Iterable<Session>, uri: string): Iterable<Session> {
  for (const session of sessions) if (session.subscriptions.has(uri)) yield session;
}

/** The owner that a session of this caller has. */
export function ownerOf(caller: Caller): string | null {
  return caller.kind === 'known' ? caller.email : null;
}
