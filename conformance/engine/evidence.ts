import type { LogLine } from '../../runners/runner.ts';
import type { Step } from '../case/case.ts';
import type { Difference } from '../match/diff.ts';
import { boundValue, type ValueLimits } from '../text/bounds.ts';
import type { WireEvent } from '../wire/wire-log.ts';

/** One comparison of a step: the request, the expectation and the observation. */
export interface Exchange {
  readonly request?: unknown;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly differences: readonly Difference[];
}

/** A step with the comparisons that it made. Values are bounded in size. */
export interface StepEvidence {
  readonly step: Step;
  /** Whether the step ran. */
  readonly began: boolean;
  readonly exchanges: readonly Exchange[];
  /** Number of comparisons between the first and the last kept ones. */
  readonly exchangesLeftOut: number;
}

/** What a case sent and received. Gathered only on request, and also for passed cases. */
export interface CaseEvidence {
  readonly steps: readonly StepEvidence[];
  readonly wire: readonly WireEvent[];
  readonly logs: readonly LogLine[];
}

/** Receives the comparisons of a case. `step` is the index of the step. Default: the step that began last. */
export type OnExchange = (exchange: Exchange, step?: number) => void;

const keptAtStart = 3;
const keptAtEnd = 3;
const maxDifferences = 20;
const limits: ValueLimits = { string: 800, items: 40, depth: 10, total: 6_000 };

interface Entry {
  began: boolean;
  readonly first: Exchange[];
  readonly last: Exchange[];
  leftOut: number;
}

/** Collects the evidence of one case. */
export class EvidenceLog {
  readonly #steps: readonly Step[];
  readonly #entries: readonly Entry[];
  #current = 0;

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#entries = steps.map(() => ({ began: false, first: [], last: [], leftOut: 0 }));
  }

  /** Notes that a step began. Nested steps count as their outer step. */
  begin({ source }: Step): void {
    const index = this.#steps.findIndex((step) => step.source === source);
    const entry = this.#entries[index];
    if (entry === undefined) return;
    this.#current = index;
    entry.began = true;
  }

  add: OnExchange = (exchange, index = this.#current) => {
    const entry = this.#entries[index];
    if (entry === undefined) return;
    const kept = bounded(exchange);
    if (entry.first.length < keptAtStart) {
      entry.first.push(kept);
      return;
    }
    entry.last.push(kept);
    if (entry.last.length <= keptAtEnd) return;
    entry.last.shift();
    entry.leftOut += 1;
  };

  steps(): readonly StepEvidence[] {
    return this.#entries.map(({ began, first, last, leftOut }, index) => ({
      step: this.#steps[index] as Step,
      began,
      exchanges: [...first, ...last],
      exchangesLeftOut: leftOut,
    }));
  }
}

/** Returns a bounded copy. Slices would keep whole responses in memory until the run ends. */
function bounded({ request, expected, actual, differences }: Exchange): Exchange {
  return structuredClone({
    request: boundValue(request, limits),
    expected: boundValue(expected, limits),
    actual: boundValue(actual, limits),
    differences: differences.slice(0, maxDifferences).map((difference) => ({
      path: String(boundValue(difference.path, limits)),
      expected: String(boundValue(difference.expected, limits)),
      actual: String(boundValue(difference.actual, limits)),
    })),
  });
}
