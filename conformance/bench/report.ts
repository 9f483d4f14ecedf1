import type { Tool } from '../report/report.ts';

/** The report of a benchmark. `conformance/schemas/bench.v1.schema.json` describes its JSON form. */
export interface BenchReport {
  readonly kind: 'bench';
  readonly tool: Tool;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly machine: Machine;
  readonly settings: BenchSettings;
  readonly verdict: BenchVerdict;
  /**
   * The measured variants, in the order of the command line. The first variant is the baseline unless another is named.
   */
  readonly variants: readonly BenchVariant[];
  /** One entry for each workload and variant, by workload. */
  readonly results: readonly BenchResult[];
  /** The differences to the baseline. Empty with one variant. */
  readonly comparisons: readonly Comparison[];
  /** Reasons to doubt the figures, one line each. */
  readonly warnings: readonly string[];
}

export interface BenchVerdict {
  /** 1: a regression or failed operations. 0: neither. */
  readonly exitCode: 0 | 1;
  readonly sentence: string;
  /** Whether a signal ended the run early. The figures are those of the measured part. */
  readonly interrupted: boolean;
}

/** The machine that ran the load generator. Figures of different machines are not comparable. */
export interface Machine {
  readonly cpu: string;
  /** The number of processors that the process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** The operating system and its release, such as `linux 6.1.0`. */
  readonly system: string;
  readonly arch: string;
  /** The version of Node that runs the kit. */
  readonly node: string;
}

/** How operations start. */
export type LoadShape =
  /** Each user starts its next operation as soon as the last one has ended. */
  | { readonly kind: 'closed'; readonly users: number }
  /** Operations are due at a fixed rate, whether or not earlier ones have ended. `users` limits those in flight. */
  | { readonly kind: 'open'; readonly ratePerS: number; readonly users: number };

export interface BenchSettings {
  readonly load: LoadShape;
  /** Measured time for each workload and variant, over all rounds. */
  readonly durationMs: number;
  /** Time of load before the first measured round of a workload and variant. */
  readonly warmUpMs: number;
  /** Number of slices of the measured time. The variants take turns, in reverse order in every second round. */
  readonly rounds: number;
  /** Number of threads that generate load. */
  readonly workers: number;
  /** Number of gRPC connections. HTTP/1.1 uses one for each call in flight. */
  readonly connections: number;
  /** Time limit of an operation. */
  readonly deadlineMs: number;
  /** Whether the load goes through the gateway of the kit. */
  readonly gateway: boolean;
  readonly maxRegression: number;
}

/** A transport between the caller of the runtime and the runtime. */
export type BenchTransport = 'grpc' | 'http';

/** A target with a transport. */
export interface BenchVariant {
  /** The unique name: that of the target, followed by the transport if the run compares several. */
  readonly name: string;
  /** The target in words, such as `image my-runtime:latest`. */
  readonly target: string;
  readonly transport: BenchTransport;
  /** The version that `HealthCheck` returned. */
  readonly version: string;
}

/** A measurement, or the reason for its absence. */
export type Measured<T> =
  | { readonly kind: 'measured'; readonly value: T }
  | { readonly kind: 'not-measured'; readonly reason: string };

/** The figures of one workload on one variant. */
export interface BenchResult {
  readonly workload: string;
  readonly variant: string;
  /** The measured time: the sum of all slices. */
  readonly measuredMs: number;
  /** Operations that ended as expected. */
  readonly operations: number;
  readonly operationsPerS: number;
  /** Failed operations by kind, most frequent first. They do not count in `operations` or `latencyUs`. */
  readonly errors: readonly ErrorCount[];
  /** In an open loop, from the time at which the operation was due. */
  readonly latencyUs: Percentiles;
  readonly histogram: Histogram;
  /** The target, without the gateway. */
  readonly usage: Measured<Usage>;
  /** The gateway of the kit, if the load goes through it. */
  readonly gatewayUsage?: Measured<Usage>;
  /** Only in an open loop. */
  readonly backlog?: Backlog;
  /** The share of time in which the busiest thread of the load generator was busy, from 0 to 1. */
  readonly generatorBusy: number;
  readonly series: Series;
  /** One entry for each slice. Comparisons use them. */
  readonly rounds: readonly Round[];
}

export interface ErrorCount {
  /** The kind, such as `grpc UNAVAILABLE`, `http 502`, `deadline` or `wrong answer`. */
  readonly kind: string;
  readonly count: number;
  /** The first occurrence, on one line. */
  readonly example: string;
}

/** Latencies in microseconds. A percentile is the highest latency of that share of all operations. */
export interface Percentiles {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** The filled buckets of an HdrHistogram with three significant digits. Both arrays have the same length. */
export interface Histogram {
  /** The highest latency of each bucket in microseconds, ascending. */
  readonly valuesUs: readonly number[];
  readonly counts: readonly number[];
}

/** Resources of a process with its children. */
export interface Usage {
  /** Processor time per operation in microseconds, failed ones included. */
  readonly cpuUsPerOperation: number;
  /** Processor time per second of the measured time. */
  readonly cpuCores: number;
  /** Resident memory in bytes. */
  readonly rssStartBytes: number;
  readonly rssEndBytes: number;
  readonly rssMaxBytes: number;
}

/** Operations of an open loop that were due but could not start, because all users were busy. */
export interface Backlog {
  /** The largest number at any time. */
  readonly max: number;
  /** Operations that were due and never started. Their wait up to the end of the slice counts in `latencyUs`. */
  readonly unstarted: number;
}

/** The course of a measurement. All arrays have the same length, one entry for each interval. */
export interface Series {
  /** The start of the interval in milliseconds since the start of the benchmark. */
  readonly startMs: readonly number[];
  readonly lengthMs: readonly number[];
  readonly operations: readonly number[];
  readonly errors: readonly number[];
  readonly p50Us: readonly number[];
  readonly p99Us: readonly number[];
  readonly maxUs: readonly number[];
  /** Resident memory of the target at the end of the interval. null if it was not measured. */
  readonly rssBytes: readonly (number | null)[];
  /** The largest backlog in the interval. 0 in a closed loop. */
  readonly backlog: readonly number[];
}

/** The figures of one slice. */
export interface Round {
  readonly operationsPerS: number;
  readonly errors: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** null if it was not measured. */
  readonly cpuUsPerOperation: number | null;
}

/** The figures that are compared. For `throughput` more is better, for the others less. */
export type Metric = 'throughput' | 'p50' | 'p99' | 'cpu';

/** The difference of a variant to the baseline in one figure. */
export interface Comparison {
  readonly workload: string;
  readonly metric: Metric;
  readonly baseline: string;
  readonly variant: string;
  /** How much slower the variant is: 0.15 means 15 % slower or more expensive, -0.1 means 10 % better. */
  readonly slowdown: number;
  /** The confidence interval of `slowdown`. */
  readonly low: number;
  readonly high: number;
  /**
   * `slower` or `faster`: the interval excludes 0. `regression`: `slower`, and `slowdown` exceeds the permitted
   * regression. `no-difference`: the interval includes 0.
   */
  readonly outcome: 'regression' | 'slower' | 'no-difference' | 'faster';
}
