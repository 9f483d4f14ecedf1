import { refused } from '../failures/request-refused.ts';
import type { Caller } from '../identity/caller.ts';
import type { RuntimeLimits } from '../options.ts';
import { ownerOf } from '../session/session.ts';

/** The share of all subscriptions that no caller alone can use up. All callers without identity count as one. */
const reservedShare = 10;

/** Counts the open subscriptions of each caller, so that one caller does not lock out another (MODERN-64). */
export class ListenQuota {
  readonly #limits: Pick<RuntimeLimits, 'maxListens' | 'maxListensPerCaller'>;
  readonly #open = new Map<string | null, number>();

  constructor(limits: Pick<RuntimeLimits, 'maxListens' | 'maxListensPerCaller'>) {
    this.#limits = limits;
  }

  /**
   * Counts a subscription.
   * @param id the id of its request as a JSON token
   * @returns a function to call once at its end
   * @throws RequestRefused 429
   */
  begin(caller: Caller, id: string): () => void {
    const owner = ownerOf(caller);
    const count = this.#open.get(owner) ?? 0;
    if (count >= this.#limitOf(owner)) {
      const message = 'The caller has too many subscriptions: end some, or try again later';
      throw refused('RATE_LIMITED', 'too_many_subscriptions', message, { id });
    }
    this.#open.set(owner, count + 1);
    return () => {
      const left = (this.#open.get(owner) ?? 1) - 1;
      if (left === 0) this.#open.delete(owner);
      else this.#open.set(owner, left);
    };
  }

  #limitOf(owner: string | null): number {
    const { maxListens, maxListensPerCaller } = this.#limits;
    const shared = maxListens - Math.floor(maxListens / reservedShare);
    return owner === null ? shared : Math.min(shared, maxListensPerCaller);
  }
}
