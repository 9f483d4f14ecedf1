import { refused } from '../failures/request-refused.ts';
import { rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import type { RuntimeLimits } from '../options.ts';
import type { Session } from './session.ts';
import { type QuotaLimits, SessionQuota } from './session-quota.ts';

/** The sessions of a runtime, shared by all connections. Their number is limited, and idle sessions end. */
export class SessionStore {
  readonly #limits: Pick<RuntimeLimits, 'sessionIdleMs'>;
  readonly #quota: SessionQuota;
  readonly #sessions = new Map<string, Session>();
  readonly #sweep: NodeJS.Timeout;

  constructor(limits: QuotaLimits & Pick<RuntimeLimits, 'sessionIdleMs'>) {
    this.#limits = limits;
    this.#quota = new SessionQuota(limits);
    const sweepMs = Math.min(Math.max(limits.sessionIdleMs / 4, 10), 60_000);
    this.#sweep = setInterval(() => this.endIdle(), sweepMs).unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Creates a session.
   * @param owner the caller whose quota the session uses. All anonymous callers are one owner, null
   * @param make runs the handshake. Its result has no session if the handshake failed (INIT-4)
   * @throws RequestRefused 429 if the store is full (SESSION-10), or the owner has too many sessions (SESSION-11)
   */
  async create<T extends { readonly session: Session | undefined }>(
    owner: string | null,
    make: () => Promise<T>,
  ): Promise<T> {
    const spare = this.#spareFor(owner);
    const ended = spare && this.end(spare);
    const release = this.#quota.reserve(owner);
    try {
      // The end of a hosted server makes room for another one.
      await ended;
      const made = await make();
      if (made.session !== undefined) this.#add(owner, made.session);
      return made;
    } finally {
      release();
    }
  }

  /** Returns the session that must end first, if any. @throws RequestRefused 429 */
  #spareFor(owner: string | null): Session | undefined {
    if (this.#quota.isUsedUpBy(owner)) {
      const message = 'The caller has too many sessions: close some, or try again later';
      throw refused('RATE_LIMITED', 'too_many_sessions_of_caller', message);
    }
    if (!this.#quota.isUsedUp) return undefined;
    const spare = this.#quota.spareFor(owner);
    if (spare === undefined) {
      const message = 'Too many sessions: close some, or try again later';
      throw refused('RATE_LIMITED', 'too_many_sessions', message);
    }
    return spare;
  }

  /** A session ends with its MCP server. Its open stream then fails (STREAM-5). */
  #add(owner: string | null, session: Session): void {
    this.#sessions.set(session.id, session);
    this.#quota.add(owner, session);
    session.connection.onLost((refusal) => {
      session.streams.fail(refusal.category, refusal.message);
      void this.end(session);
    });
  }

  /** Returns the session with this id. @throws RequestRefused 404 for an unknown or ended session (SESSION-2) */
  find(id: string): Session {
    const session = this.#sessions.get(id);
    if (session !== undefined) return session;
    const message = 'Unknown session: start a new one with initialize';
    throw refused('NOT_FOUND', 'session_not_found', message, { rpcCode: rpcErrorCodes.sessionNotFound });
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  /** Ends a session and forgets it (SESSION-4). */
  async end(session: Session): Promise<void> {
    this.forget(session);
    await session.close();
  }

  forget(session: Session): void {
    this.#sessions.delete(session.id);
    this.#quota.remove(session);
  }

  endIdle(): void {
    const now = performance.now();
    for (const session of this.#sessions.values()) {
      if (session.isBusy) session.lastUsed = now;
      else if (now - session.lastUsed > this.#limits.sessionIdleMs) void this.end(session);
    }
  }

  /** Ends every session and stops the search for idle sessions. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#sessions.values()].map((session) => this.end(session)));
  }
}
