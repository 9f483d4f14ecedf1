/** The unary calls that are under way: a stop waits for them, within a limit (LIFE-9). */
export class CallsUnderWay {
  #count = 0;
  #idle: (() => void)[] = [];

  /** Counts a call while its work goes on. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
      if (this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Resolves when no call is under way any more, or after a time in milliseconds. */
  async idle(withinMs: number): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
