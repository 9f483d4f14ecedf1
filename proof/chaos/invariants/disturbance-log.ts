/** The effects of a disturbance on calls. */
export interface Effects {
  /** Whether calls may fail. */
  readonly failsCalls: boolean;
  /** Whether a process is stopped, so that the time limit of its calls does not pass. */
  readonly stopsTime?: boolean;
}

interface Interval extends Effects {
  readonly pair: number;
  readonly fromMs: number;
  untilMs: number;
}

/** Time after a disturbance within which calls may still fail because of it, in milliseconds. */
export const recoveryMs = 5_000;

/** Records when each pair of gateway and runtime is disturbed. Times are those of `performance.now()`. */
export class DisturbanceLog {
  readonly #intervals: Interval[] = [];

  /** Notes the start of a disturbance. @returns a function that notes its end */
  begin(pair: number, effects: Effects): () => void {
    const interval = { ...effects, pair, fromMs: performance.now(), untilMs: Number.POSITIVE_INFINITY };
    this.#intervals.push(interval);
    return () => {
      interval.untilMs = Math.min(interval.untilMs, performance.now());
    };
  }

  /** Returns whether a call between two times may fail because of a disturbance. */
  mayFail(pair: number, fromMs: number, toMs: number): boolean {
    return this.#intervals.some(
      (each) =>
        each.pair === pair && each.failsCalls && each.fromMs <= toMs && each.untilMs + recoveryMs >= fromMs,
    );
  }

  /** Returns the milliseconds between two times in which a process of the pair was stopped. */
  stoppedMs(pair: number, fromMs: number, toMs: number): number {
    return this.#intervals
      .filter((each) => each.pair === pair && each.stopsTime === true)
      .reduce((sum, each) => {
        return sum + Math.max(0, Math.min(each.untilMs, toMs) - Math.max(each.fromMs, fromMs));
      }, 0);
  }
}
