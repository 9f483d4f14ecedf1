/** The time that a case has. It stands still while an instance starts, for which there is a limit of its own. */
export class CaseClock implements Disposable {
  /** Resolves when the time is up. */
  readonly expired: Promise<void>;
  #leftMs: number;
  #expire: () => void = () => {};
  /** How much work goes on that does not count; it never ends once the clock is disposed of. */
  #uncounted = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param milliseconds the time that the case has from now on */
  constructor(milliseconds: number) {
    this.#leftMs = milliseconds;
    this.expired = new Promise((resolve) => {
      this.#expire = resolve;
    });
    this.#run();
  }

  /** Carries out work that does not count; several at once stop the clock until the last one is over. */
  async stopFor<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#stop();
    try {
      return await work();
    } finally {
      this.#uncounted -= 1;
      if (this.#uncounted === 0) this.#run();
    }
  }

  /** Stops it for good: the time is never up. */
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
