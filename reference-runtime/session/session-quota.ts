import type { RuntimeLimits } from '../options.ts';
import type { Session } from './session.ts';

/** The share of all sessions that no caller alone can use up. All callers without identity count as one. */
const reservedShare = 10;

/** The limits that a quota divides among callers. */
export type QuotaLimits = Pick<RuntimeLimits, 'maxSessions' | 'maxSessionsPerCaller'>;

/** The open sessions by owner, so that the sessions of one caller do not lock out another (SESSION-11). */
export class SessionQuota {
  readonly #limits: QuotaLimits;
  readonly #held = new Map<string | null, Set<Session>>();
  readonly #opening = new Map<string | null, number>();
  #total = 0;

  constructor(limits: QuotaLimits) {
    this.#limits = limits;
  }

  /** Whether an owner has all the sessions that one caller may have. */
  isUsedUpBy(owner: string | null): boolean {
    return this.#countOf(owner) >= this.#limitOf(owner);
  }

  /** Whether the runtime has all the sessions that it may have. */
  get isUsedUp(): boolean {
    return this.#total >= this.#limits.maxSessions;
  }

  /** Counts a handshake in flight. Returns a function to call at its end. */
  reserve(owner: string | null): () => void {
    this.#opening.set(owner, (this.#opening.get(owner) ?? 0) + 1);
    this.#total += 1;
    return () => {
      const left = (this.#opening.get(owner) ?? 1) - 1;
      if (left === 0) this.#opening.delete(owner);
      else this.#opening.set(owner, left);
      this.#total -= 1;
    };
  }

  add(owner: string | null, session: Session): void {
    const held = this.#held.get(owner) ?? new Set();
    this.#held.set(owner, held.add(session));
    this.#total += 1;
  }

  remove(session: Session): void {
    for (const [owner, held] of this.#held) {
      if (!held.delete(session)) continue;
      this.#total -= 1;
      if (held.size === 0) this.#held.delete(owner);
      return;
    }
  }

  /**
   * Returns the session that can end to make room for an owner: an idle session of the caller with the most sessions,
   * who must have at least two more than the owner. Sessions that were never used come first, then those that were idle
   * for the longest time.
   */
  spareFor(owner: string | null): Session | undefined {
    const [most = new Set<Session>()] = [...this.#held.values()].sort((a, b) => b.size - a.size);
    if (most.size < this.#countOf(owner) + 2) return undefined;
    let spare: Session | undefined;
    for (const session of most) {
      if (!session.isBusy && (spare === undefined || isSparer(session, spare))) spare = session;
    }
    return spare;
  }

  #countOf(owner: string | null): number {
    return (this.#held.get(owner)?.size ?? 0) + (this.#opening.get(owner) ?? 0);
  }

  #limitOf(owner: string | null): number {
    const { maxSessions, maxSessionsPerCaller } = this.#limits;
    const shared = maxSessions - Math.floor(maxSessions / reservedShare);
    return owner === null ? shared : Math.min(shared, maxSessionsPerCaller);
  }
}

function isSparer(session: Session, other: Session): boolean {
  if (session.wasUsed !== other.wasUsed) return other.wasUsed;
  return session.lastUsed < other.lastUsed;
}
