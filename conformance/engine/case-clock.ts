/** The time limit of a case. It pauses while an instance starts, because starts have their own time limit. */
export class CaseClock implements Disposable {
  /** Resolves when the time limit has passed. */
  readonly expired: Promise<void>;
  #leftMs: number;
  #expire: () => void = () => {};
  /** Number of uncounted operations in flight. Never reaches zero again after disposal. */
  #uncounted = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param milliseconds time limit, counted from now */
  constructor(milliseconds: number) {
    this.#leftMs = milliseconds;
    this.expired = new Promise((resolve) => {
      this.#expire = resolve;
    });
    this.#run();
  }

  /**
   * Runs work that does not count towards the limit. The clock stays paused until all concurrent calls have finished.
   */
  async stopFor<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#stop();
    try {
      return await work();
    } finally {
      this.#uncounted -= 1;
      if (this.#uncounted === 0) this.#run();
    }
  }

  /** Stops the clock permanently: `expired` stays pending. */
  [Symbol.dispose](): void {
    this.#stop();
  }

  #run(): void {
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => this.#expire(), this.#leftMs);
  }

  #stop(): void {
    this.#uncounted += 1;
    if (this.#uncounted > 1) return;
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#startedAt));
  }
}
