/** The page of a benchmark. */
export interface BenchPage {
  readonly kind: 'bench';
  /** Version of `html-data.v1.schema.json`. Minor versions may add members. */
  readonly schemaVersion: string;
  /** The report as `--report json=FILE` writes it. */
  readonly report: BenchReportJson;
}

/** The JSON report of a benchmark, as `conformance/schemas/bench.v1.schema.json` describes it. */
export interface BenchReportJson {
  readonly schemaVersion: string;
  readonly kind: 'bench';
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly system: string;
    readonly arch: string;
    readonly node: string;
  };
  readonly settings: BenchSettingsJson;
  readonly verdict: {
    readonly exitCode: number;
    readonly sentence: string;
    readonly interrupted: boolean;
  };
  readonly variants: readonly {
    readonly name: string;
    readonly target: string;
    readonly transport: string;
    readonly version: string;
  }[];
  /** One entry for each workload and variant. */
  readonly results: readonly BenchResultJson[];
  readonly comparisons: readonly BenchComparisonJson[];
  readonly warnings: readonly string[];
}

export interface BenchSettingsJson {
  readonly load:
    | { readonly kind: 'closed'; readonly users: number }
    | { readonly kind: 'open'; readonly ratePerS: number; readonly users: number };
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly rounds: number;
  readonly workers: number;
  readonly connections: number;
  readonly deadlineMs: number;
  readonly gateway: boolean;
  /** 0.1 permits 10 %. */
  readonly maxRegression: number;
}

/** The figures of one workload on one variant. */
export interface BenchResultJson {
  readonly workload: string;
  readonly variant: string;
  readonly measuredMs: number;
  readonly operations: number;
  readonly operationsPerS: number;
  readonly errors: readonly { readonly kind: string; readonly count: number; readonly example: string }[];
  readonly latencyUs: {
    readonly mean: number;
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
  /** The filled buckets: the highest latency of each in microseconds, ascending, and its number of operations. */
  readonly histogram: { readonly valuesUs: readonly number[]; readonly counts: readonly number[] };
  readonly usage: MeasuredUsageJson;
  readonly gatewayUsage?: MeasuredUsageJson;
  readonly backlog?: { readonly max: number; readonly unstarted: number };
  /** From 0 to 1. */
  readonly generatorBusy: number;
  readonly series: BenchSeriesJson;
}

export type MeasuredUsageJson =
  | {
      readonly kind: 'measured';
      readonly value: {
        readonly cpuUsPerOperation: number;
        readonly cpuCores: number;
        readonly rssStartBytes: number;
        readonly rssEndBytes: number;
        readonly rssMaxBytes: number;
      };
    }
  | { readonly kind: 'not-measured'; readonly reason: string };

/** The course of a measurement. All arrays have the same length, one entry for each interval. */
export interface BenchSeriesJson {
  /** The start of the interval in milliseconds since the start of the benchmark. */
  readonly startMs: readonly number[];
  readonly lengthMs: readonly number[];
  readonly operations: readonly number[];
  readonly errors: readonly number[];
  readonly p50Us: readonly number[];
  readonly p99Us: readonly number[];
  readonly maxUs: readonly number[];
  readonly rssBytes: readonly (number | null)[];
  readonly backlog: readonly number[];
}

/** The difference of a variant to the baseline in one figure. */
export interface BenchComparisonJson {
  readonly workload: string;
  readonly metric: 'throughput' | 'p50' | 'p99' | 'cpu';
  readonly baseline: string;
  readonly variant: string;
  /** 0.15 means 15 % slower or more expensive. */
  readonly slowdown: number;
  readonly low: number;
  readonly high: number;
  readonly outcome: 'regression' | 'slower' | 'no-difference' | 'faster';
}
