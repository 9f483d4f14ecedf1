import { GatewayRefusal } from './refusal.ts';

/** Limits for each caller. */
export interface CallerLimits {
  /** Maximum number of calls in flight, including streams. */
  readonly maxCallsPerCaller: number;
  /** Maximum number of requests per second, averaged over ten seconds. */
  readonly maxRatePerCaller: number;
}

/** The time over which a rate may be uneven. */
const burstSeconds = 10;

/** Number of callers above which those without recent requests are forgotten. */
const maxRemembered = 10_000;

interface Usage {
  calls: number;
  /** Requests that the caller may send at once, at the time `at`. */
  credit: number;
  at: number;
}

/** Limits the calls in flight and the rate of each caller. Requests without identity count by peer address. */
export class CallerQuota {
  readonly #limits: CallerLimits;
  readonly #usages = new Map<string, Usage>();

  constructor(limits: CallerLimits) {
    this.#limits = limits;
  }

  /**
   * Counts a call.
   * @param now milliseconds of a monotonic clock
   * @returns a function to call once at the end of the call
   * @throws GatewayRefusal 429
   */
  begin(caller: string, now: number = performance.now()): () => void {
    const { maxCallsPerCaller, maxRatePerCaller } = this.#limits;
    const usage = this.#usageOf(caller, now);
    const burst = maxRatePerCaller * burstSeconds;
    usage.credit = Math.min(burst, usage.credit + ((now - usage.at) / 1000) * maxRatePerCaller);
    usage.at = now;
    if (usage.calls >= maxCallsPerCaller)
      throw tooMany('too_many_calls', 'The caller has too many calls in flight');
    if (usage.credit < 1) throw tooMany('rate_exceeded', 'The caller sends requests too fast');
    usage.credit -= 1;
    usage.calls += 1;
    return () => {
      usage.calls -= 1;
    };
  }

  #usageOf(caller: string, now: number): Usage {
    const known = this.#usages.get(caller);
    if (known !== undefined) return known;
    if (this.#usages.size >= maxRemembered) this.#forgetQuiet(now);
    const usage = { calls: 0, credit: this.#limits.maxRatePerCaller * burstSeconds, at: now };
    this.#usages.set(caller, usage);
    return usage;
  }

  /** Forgets callers whose usage is that of a new caller. */
  #forgetQuiet(now: number): void {
    for (const [caller, { calls, at }] of this.#usages) {
      if (calls === 0 && now - at > burstSeconds * 1000) this.#usages.delete(caller);
    }
  }
}

function tooMany(code: 'too_many_calls' | 'rate_exceeded', message: string): GatewayRefusal {
  return new GatewayRefusal(code, message, { headers: [['retry-after', '1']] });
}
