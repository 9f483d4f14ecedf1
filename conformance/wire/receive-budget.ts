/** The bytes that calls under way may hold together: a limit for each alone would be worth little with hundreds open. */
export class ReceiveBudget {
  readonly #limit: number;
  #held = 0;

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes note of bytes held, and tells whether they are too many now. */
  hold(bytes: number): boolean {
    this.#held += bytes;
    return this.#held > this.#limit;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

/** That of this process, for all connections: memory is one. Eight cases side by side need less. */
export const receiveBudget = new ReceiveBudget(16 << 20);
