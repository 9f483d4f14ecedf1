import { withTimeLimit } from '../base/deadline.ts';

/** Counts calls or connections in flight, so that a shutdown can wait for their end. */
export class InFlight {
  #count = 0;
  #idle: (() => void)[] = [];

  /** Increments the count. The caller calls the returned function once to decrement it. */
  begin(): () => void {
    this.#count += 1;
    return () => {
      this.#count -= 1;
      if (this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
  }

  /** Counts `work` until it settles, and returns its result. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    const end = this.begin();
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** Resolves when the count is zero, or after a time limit in milliseconds. */
  async idle(withinMs: number): Promise<void> {
    if (this.#count === 0) return;
    await withTimeLimit(new Promise<void>((resolve) => this.#idle.push(resolve)), withinMs);
  }
}
