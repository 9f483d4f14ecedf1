import type { Measured, Usage } from '../report.ts';
import type { UsageSample } from './usage-meter.ts';

/** Samples of the resources of a process during a slice, by ascending time. */
export class SliceSamples {
  readonly #samples: readonly UsageSample[];
  /** The reason for missing samples. */
  readonly reason: string;

  private constructor(samples: readonly UsageSample[], reason: string) {
    this.#samples = samples;
    this.reason = reason;
  }

  static of(all: readonly Measured<UsageSample>[]): SliceSamples {
    const missing = all.find((each) => each.kind === 'not-measured');
    if (missing !== undefined) return new SliceSamples([], missing.reason);
    const samples = all.flatMap((each) => (each.kind === 'measured' ? each.value : []));
    return new SliceSamples(samples, 'the slice was too short');
  }

  get first(): UsageSample | undefined {
    return this.#samples[0];
  }

  get last(): UsageSample | undefined {
    return this.#samples.at(-1);
  }

  get maxRssBytes(): number {
    return Math.max(0, ...this.#samples.map(({ rssBytes }) => rssBytes));
  }

  /** Returns the samples from the one nearest to `from` to the one nearest to `until`. */
  during(from: number, until: number): SliceSamples {
    const [start, end] = [this.#nearest(from), this.#nearest(until)];
    return new SliceSamples(this.#samples.slice(start, end + 1), this.reason);
  }

  /** Returns the resident memory at a time, or null if it was not measured. */
  rssAt(at: number): number | null {
    return this.#samples[this.#nearest(at)]?.rssBytes ?? null;
  }

  #nearest(at: number): number {
    let best = 0;
    for (const [index, sample] of this.#samples.entries()) {
      const distance = Math.abs(sample.at - at);
      if (distance < Math.abs((this.#samples[best]?.at ?? 0) - at)) best = index;
    }
    return best;
  }
}

/** Adds up the usage of slices. @param operationsPerS operations and errors per second of the measured time */
export function usageOf(slices: readonly SliceSamples[], operationsPerS: number): Measured<Usage> {
  let cpuUs = 0;
  let ms = 0;
  for (const { first, last } of slices) {
    if (first === undefined || last === undefined) continue;
    cpuUs += last.cpuUs - first.cpuUs;
    ms += last.at - first.at;
  }
  const [start] = slices;
  if (start?.first === undefined || ms === 0) {
    return { kind: 'not-measured', reason: slices[0]?.reason ?? 'no slice was measured' };
  }
  // The samples begin and end slightly late, so the rates are divided, not the amounts.
  const cpuUsPerS = (cpuUs * 1_000) / ms;
  return {
    kind: 'measured',
    value: {
      cpuUsPerOperation: operationsPerS === 0 ? 0 : Math.round((cpuUsPerS / operationsPerS) * 10) / 10,
      cpuCores: Math.round(cpuUsPerS / 1_000) / 1_000,
      rssStartBytes: start.first.rssBytes,
      rssEndBytes: slices.at(-1)?.last?.rssBytes ?? start.first.rssBytes,
      rssMaxBytes: Math.max(...slices.map((slice) => slice.maxRssBytes)),
    },
  };
}
