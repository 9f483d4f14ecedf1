/** The divisor for the part of the total that no caller alone can use up. All callers without identity count as one. */
const reservedShare = 10;

/** The limits that a quota divides among callers. */
export interface CallerQuotaLimits {
  /** The limit for all callers together. */
  readonly max: number;
  /** The limit for one caller with an identity. */
  readonly maxPerCaller: number;
}

/** Counts the subscriptions of each caller, so that one caller does not lock out another (MCP-18, MODERN-64). */
export class CallerQuota {
  readonly #limits: CallerQuotaLimits;
  readonly #held = new Map<string | null, number>();
  #total = 0;

  constructor(limits: CallerQuotaLimits) {
    this.#limits = limits;
  }

  /**
   * Counts one more subscription.
   * @param owner the caller, or null for all callers without identity
   * @returns a function to call once when it ends, or undefined if the owner has used up its share
   */
  begin(owner: string | null): (() => void) | undefined {
    const count = this.#held.get(owner) ?? 0;
    if (this.#total >= this.#limits.max || count >= this.#limitOf(owner)) return undefined;
    this.#held.set(owner, count + 1);
    this.#total += 1;
    return () => {
      const left = (this.#held.get(owner) ?? 1) - 1;
      if (left === 0) this.#held.delete(owner);
      else this.#held.set(owner, left);
      this.#total -= 1;
    };
  }

  #limitOf(owner: string | null): number {
    const { max, maxPerCaller } = this.#limits;
    const shared = max - Math.floor(max / reservedShare);
    return owner === null ? shared : Math.min(shared, maxPerCaller);
  }
}
