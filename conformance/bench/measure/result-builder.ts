import type { SliceRecord } from '../load/recorder.ts';
import type { BenchResult, ErrorCount, Measured, Round, Series, Usage } from '../report.ts';
import { type BucketArrays, mergeBuckets, percentile, percentilesOf } from './buckets.ts';
import { type SliceSamples, usageOf } from './slice-usage.ts';

/** The measured time of a slice. Times are in milliseconds since the epoch. */
export interface SliceTime {
  readonly from: number;
  readonly parts: number;
  readonly partMs: number;
  readonly intervalMs: number;
  /** The end: earlier than that of the last part if the run was interrupted. */
  readonly until: number;
}

/** A measured slice. */
export interface MeasuredSlice {
  readonly time: SliceTime;
  /** One for each thread. */
  readonly records: readonly SliceRecord[];
  readonly target: SliceSamples;
  readonly gateway: SliceSamples | undefined;
}

interface MutableSeries {
  readonly startMs: number[];
  readonly lengthMs: number[];
  readonly operations: number[];
  readonly errors: number[];
  readonly p50Us: number[];
  readonly p99Us: number[];
  readonly maxUs: number[];
  readonly rssBytes: (number | null)[];
  readonly backlog: number[];
}

/** Options of a result. */
export interface ResultFacts {
  readonly workload: string;
  readonly variant: string;
  /** The start of the benchmark in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly isOpenLoop: boolean;
}

/** Adds up the slices of one workload on one variant. */
export class ResultBuilder {
  readonly #facts: ResultFacts;
  readonly #slices: MeasuredSlice[] = [];
  readonly #rounds: Round[] = [];
  readonly #latency: BucketArrays[] = [];
  readonly #series: MutableSeries = {
    startMs: [],
    lengthMs: [],
    operations: [],
    errors: [],
    p50Us: [],
    p99Us: [],
    maxUs: [],
    rssBytes: [],
    backlog: [],
  };

  constructor(facts: ResultFacts) {
    this.#facts = facts;
  }

  add(slice: MeasuredSlice): void {
    this.#slices.push(slice);
    for (let part = 0; part < slice.time.parts; part += 1) this.#addPart(slice, part);
  }

  build(): BenchResult {
    const records = this.#slices.flatMap((slice) => slice.records);
    const measuredMs = sum(this.#slices.map(({ time }) => Math.max(0, time.until - time.from)));
    const operations = sum(records.flatMap(({ parts }) => parts.map((part) => part.operations)));
    const failed = sum(records.flatMap(({ parts }) => parts.map((part) => part.errors)));
    const histogram = mergeBuckets(this.#latency);
    const perSecond = (amount: number) => (measuredMs === 0 ? 0 : (amount * 1_000) / measuredMs);
    const attempts = perSecond(operations + failed);
    const gateways = this.#slices.flatMap(({ gateway }) => gateway ?? []);
    const { workload, variant, isOpenLoop } = this.#facts;
    return {
      workload,
      variant,
      measuredMs: Math.round(measuredMs),
      operations,
      operationsPerS: rounded(perSecond(operations)),
      errors: errorsOf(records),
      latencyUs: percentilesOf(histogram, {
        totalUs: sum(records.map(({ totalUs }) => totalUs)),
        maxUs: Math.max(0, ...records.map(({ maxUs }) => maxUs)),
      }),
      histogram,
      usage: usageOf(
        this.#slices.map(({ target }) => target),
        attempts,
      ),
      ...(gateways.length > 0 && { gatewayUsage: usageOf(gateways, attempts) }),
      ...(isOpenLoop && {
        backlog: {
          max: Math.max(0, ...this.#slices.map((slice) => sum(slice.records.map((each) => each.maxBacklog)))),
          unstarted: sum(records.map(({ unstarted }) => unstarted)),
        },
      }),
      generatorBusy: rounded(Math.max(0, ...records.map(({ busy }) => busy))),
      series: this.#series satisfies Series,
      rounds: this.#rounds,
    };
  }

  #addPart(slice: MeasuredSlice, index: number): void {
    const { time, records, target } = slice;
    const from = time.from + index * time.partMs;
    const lengthMs = Math.min(time.partMs, time.until - from);
    const parts = records.flatMap((record) => record.parts[index] ?? []);
    if (lengthMs <= 0 || parts.length === 0) return;
    const latency = mergeBuckets(parts.map((part) => part.latency));
    this.#latency.push(...parts.map((part) => part.latency));
    const operations = sum(parts.map((part) => part.operations));
    const errors = sum(parts.map((part) => part.errors));
    // An interrupted round is too short to compare.
    if (lengthMs >= time.partMs / 2) {
      const cpu = cpuPerOperation(
        usageOf([target.during(from, from + lengthMs)], ((operations + errors) * 1_000) / lengthMs),
      );
      this.#rounds.push({
        operationsPerS: rounded((operations * 1_000) / lengthMs),
        errors,
        p50Us: percentile(latency, 0.5),
        p99Us: percentile(latency, 0.99),
        cpuUsPerOperation: cpu,
      });
    }
    this.#addIntervals(slice, index, from);
  }

  #addIntervals({ time, records, target }: MeasuredSlice, part: number, from: number): void {
    const threads = records.flatMap((record) => record.parts[part]?.intervals ?? []);
    const count = Math.max(0, ...records.map((record) => record.parts[part]?.intervals.length ?? 0));
    if (threads.length === 0) return;
    for (let index = 0; index < count; index += 1) {
      const own = records.flatMap((record) => record.parts[part]?.intervals[index] ?? []);
      const start = from + index * time.intervalMs;
      const lengthMs = Math.min(time.intervalMs, from + time.partMs - start, time.until - start);
      if (lengthMs <= 0) continue;
      const latency = mergeBuckets(own.map((each) => each.latency));
      this.#series.startMs.push(Math.round(start - this.#facts.startedAt));
      this.#series.lengthMs.push(Math.round(lengthMs));
      this.#series.operations.push(sum(own.map((each) => each.operations)));
      this.#series.errors.push(sum(own.map((each) => each.errors)));
      this.#series.p50Us.push(percentile(latency, 0.5));
      this.#series.p99Us.push(percentile(latency, 0.99));
      this.#series.maxUs.push(latency.valuesUs.at(-1) ?? 0);
      this.#series.rssBytes.push(target.rssAt(start + lengthMs));
      this.#series.backlog.push(sum(own.map((each) => each.backlog)));
    }
  }
}

function cpuPerOperation(usage: Measured<Usage>): number | null {
  return usage.kind === 'measured' && usage.value.cpuUsPerOperation > 0
    ? usage.value.cpuUsPerOperation
    : null;
}

function errorsOf(records: readonly SliceRecord[]): readonly ErrorCount[] {
  const kinds = new Map<string, { kind: string; count: number; example: string }>();
  for (const { kind, count, example } of records.flatMap(({ failures }) => failures)) {
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { kind, count, example });
    else known.count += count;
  }
  return [...kinds.values()].sort((one, other) => other.count - one.count);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Rounds to three decimals. Further digits are noise. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
