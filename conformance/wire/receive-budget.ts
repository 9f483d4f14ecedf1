/** A participant of a budget. */
export interface Receiver {
  /** Called when a receiver that had to wait may read on. */
  goOn(): void;
}

/**
 * Limits the bytes that calls in flight hold together: a limit for each alone is worth little with hundreds open. While
 * all together hold too much, each large receiver has to wait, except the one that has been large for longest. So one
 * always makes progress, and flow control slows the target down.
 */
export class ReceiveBudget {
  readonly #limit: number;
  readonly #much: number;
  #total = 0;
  readonly #held = new Map<Receiver, number>();
  /** The receivers that hold much, in the order in which they became large. */
  readonly #large = new Set<Receiver>();
  readonly #waiting = new Set<Receiver>();

  /**
   * @param limit of all together, in bytes
   * @param much bytes that one may hold without having to wait
   */
  constructor(limit: number, much: number) {
    this.#limit = limit;
    this.#much = much;
  }

  /** Counts bytes that a receiver holds now. @returns whether it has to wait before it reads more */
  hold(receiver: Receiver, bytes: number): boolean {
    const held = (this.#held.get(receiver) ?? 0) + bytes;
    this.#held.set(receiver, held);
    this.#total += bytes;
    if (held > this.#much) this.#large.add(receiver);
    if (this.#mayGoOn(receiver)) return false;
    this.#waiting.add(receiver);
    return true;
  }

  /** Gives back some of the bytes that a receiver holds. Default: all. */
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

/** The budget of this process, for all connections: they share its memory. */
export const receiveBudget = new ReceiveBudget(8 << 20, 1 << 18);
