import { withTimeLimit } from '../base/deadline.ts';

/** Counts what is in flight, so that a stop can wait for its end. */
export class InFlight {
  #count = 0;
  #idle: (() => void)[] = [];

  /** Counts one more, until the returned function is called, once. */
  begin(): () => void {
    this.#count += 1;
    return () => {
      this.#count -= 1;
      if (this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
  }

  /** Counts a call while its work goes on. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    const end = this.begin();
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** Resolves when nothing is in flight any more, or after a time in milliseconds. */
  async idle(withinMs: number): Promise<void> {
    if (this.#count === 0) return;
    await withTimeLimit(new Promise<void>((resolve) => this.#idle.push(resolve)), withinMs);
  }
}
