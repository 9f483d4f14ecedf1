import { refused } from '../failures/request-refused.ts';
import type { Caller } from '../identity/caller.ts';
import type { RuntimeLimits } from '../options.ts';
import { CallerQuota } from '../session/caller-quota.ts';
import { ownerOf } from '../session/session.ts';

/** Counts the open subscriptions of each caller, so that one caller does not lock out another (MODERN-64). */
export class ListenQuota {
  readonly #quota: CallerQuota;

  constructor({
    maxListens,
    maxListensPerCaller,
  }: Pick<RuntimeLimits, 'maxListens' | 'maxListensPerCaller'>) {
    this.#quota = new CallerQuota({ max: maxListens, maxPerCaller: maxListensPerCaller });
  }

  /**
   * Counts a subscription.
   * @param id the id of its request as a JSON token
   * @returns a function to call once at its end
   * @throws RequestRefused 429
   */
  begin(caller: Caller, id: string): () => void {
    const end = this.#quota.begin(ownerOf(caller));
    if (end !== undefined) return end;
    const message = 'There are too many subscriptions: end some, or try again later';
    throw refused('RATE_LIMITED', 'too_many_subscriptions', message, { id });
  }
}
