/** What takes part in a budget. */
export interface Receiver {
  /** Called when the receiver may go on that was told to wait. */
  goOn(): void;
}

/**
 * The bytes that calls under way may hold together: a limit for each alone would be worth little with hundreds open.
 * Who holds much has to wait while all hold too much, but for the one that has held much longest: so there is always one
 * that gets on, and flow control slows the target down.
 */
export class ReceiveBudget {
  readonly #limit: number;
  readonly #much: number;
  #total = 0;
  readonly #held = new Map<Receiver, number>();
  /** Who holds much, in the order in which they came to it. */
  readonly #large = new Set<Receiver>();
  readonly #waiting = new Set<Receiver>();

  /**
   * @param limit of all together, in bytes
   * @param much what one may hold without being asked to wait, in bytes
   */
  constructor(limit: number, much: number) {
    this.#limit = limit;
    this.#much = much;
  }

  /** Takes note of bytes that a receiver holds now. @returns whether it has to wait before it takes more */
  hold(receiver: Receiver, bytes: number): boolean {
    const held = (this.#held.get(receiver) ?? 0) + bytes;
    this.#held.set(receiver, held);
    this.#total += bytes;
    if (held > this.#much) this.#large.add(receiver);
    if (this.#mayGoOn(receiver)) return false;
    this.#waiting.add(receiver);
    return true;
  }

  /** Gives back some of what a receiver holds, or all. */
  release(receiver: Receiver, bytes = Number.POSITIVE_INFINITY): void {
    const held = this.#held.get(receiver) ?? 0;
    const left = Math.max(0, held - bytes);
    this.#total -= held - left;
    if (left === 0) this.#held.delete(receiver);
    else this.#held.set(receiver, left);
    if (left <= this.#much) this.#large.delete(receiver);
    for (const waiting of this.#waiting) {
      if (!this.#mayGoOn(waiting)) continue;
      this.#waiting.delete(waiting);
      waiting.goOn();
    }
  }

  #mayGoOn(receiver: Receiver): boolean {
    if (this.#total <= this.#limit || !this.#large.has(receiver)) return true;
    const [first] = this.#large;
    return first === receiver;
  }
}

/** That of this process, for all connections: memory is one. */
export const receiveBudget = new ReceiveBudget(8 << 20, 1 << 18);
