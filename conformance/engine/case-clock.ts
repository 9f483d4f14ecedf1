/** The time that a case has. It stands still while an instance starts, for which there is a limit of its own. */
export class CaseClock implements Disposable {
  /** Resolves when the time is up. */
  readonly expired: Promise<void>;
  #leftMs: number;
  #expire: () => void = () => {};
  #starts = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

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
    if (this.#starts === 0) this.#stop();
    this.#starts += 1;
    try {
      return await work();
    } finally {
      this.#starts -= 1;
      if (this.#starts === 0) this.#run();
    }
  }

  /** Stops it for good: the time is never up. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#disposed = true;
  }

  #run(): void {
    if (this.#disposed) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => this.#expire(), this.#leftMs);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#startedAt));
  }
}
