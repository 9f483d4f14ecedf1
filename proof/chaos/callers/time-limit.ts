import type { DisturbanceLog } from '../invariants/disturbance-log.ts';

/**
 * Aborts a signal after a time limit. Time in which a process of the pair was stopped does not count.
 */
export class TimeLimit implements Disposable {
  readonly #controller = new AbortController();
  readonly #startedMs = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, pair: number, log: DisturbanceLog) {
    const check = () => {
      const now = performance.now();
      const leftMs = limitMs - (now - this.#startedMs) + log.stoppedMs(pair, this.#startedMs, now);
      if (leftMs > 0) this.#timer = setTimeout(check, leftMs);
      else this.#controller.abort();
    };
    this.#timer = setTimeout(check, limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
