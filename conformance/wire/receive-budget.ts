/** A participant in a budget. */
export interface Receiver {
  /** Called when a receiver that had to wait may read again. */
  resume(): void;
}

/**
 * Limits the total bytes that calls in flight hold: with hundreds of calls, a limit for each call is not enough. Above
 * the limit, every large receiver except the one that has been large the longest must wait. Receivers at rest do not
 * count. One receiver therefore always makes progress, while flow control slows the target down.
 */
export class ReceiveBudget {
  readonly #limit: number;
  readonly #threshold: number;
  #total = 0;
  readonly #held = new Map<Receiver, number>();
  /** Receivers above the threshold, in the order in which they exceeded it. */
  readonly #large = new Set<Receiver>();
  readonly #waiting = new Set<Receiver>();

  /**
   * @param limit total bytes of all receivers
   * @param threshold bytes that a receiver may hold without ever waiting
   */
  constructor(limit: number, threshold: number) {
    this.#limit = limit;
    this.#threshold = threshold;
  }

  /** Adds bytes that a receiver holds. @returns whether the receiver must wait before it reads more */
  hold(receiver: Receiver, bytes: number): boolean {
    const held = (this.#held.get(receiver) ?? 0) + bytes;
    this.#held.set(receiver, held);
    this.#total += bytes;
    if (held > this.#threshold) this.#large.add(receiver);
    if (this.#mayRead(receiver)) return false;
    this.#waiting.add(receiver);
    return true;
  }

  /** Releases bytes that a receiver holds. Default: all of them. */
  release(receiver: Receiver, bytes = Number.POSITIVE_INFINITY): void {
    const held = this.#held.get(receiver) ?? 0;
    const left = Math.max(0, held - bytes);
    this.#total -= held - left;
    if (left === 0) this.#held.delete(receiver);
    else this.#held.set(receiver, left);
    if (left <= this.#threshold) this.#large.delete(receiver);
    this.#resumeWaiting();
  }

  /**
   * Lets the other receivers pass while a receiver has unread messages and reads nothing. Otherwise they would wait for
   * a receiver that waits for its case. It takes its place behind them when it receives again.
   */
  rest(receiver: Receiver): void {
    if (this.#large.delete(receiver)) this.#resumeWaiting();
  }

  #resumeWaiting(): void {
    for (const waiting of this.#waiting) {
      if (!this.#mayRead(waiting)) continue;
      this.#waiting.delete(waiting);
      waiting.resume();
    }
  }

  #mayRead(receiver: Receiver): boolean {
    if (this.#total <= this.#limit || !this.#large.has(receiver)) return true;
    const [first] = this.#large;
    return first === receiver;
  }
}

/** The budget of this process. All connections share it, as they share the memory. */
export const receiveBudget = new ReceiveBudget(8 << 20, 1 << 18);
