import type { BenchSettings, BenchTransport } from './report.ts';
import type { BenchTarget } from './targets/start-variants.ts';

/** What to measure. */
export interface BenchPlan extends BenchSettings {
  readonly targets: readonly BenchTarget[];
  readonly transports: readonly BenchTransport[];
  /** Names of workloads, in order. */
  readonly workloads: readonly string[];
  /** Number of events of a stream. */
  readonly events: number;
  /** The name of the variant to compare with. Default: the first one. */
  readonly baseline: string | undefined;
  /** Time limit until a target is ready. */
  readonly readyTimeoutMs: number;
}
