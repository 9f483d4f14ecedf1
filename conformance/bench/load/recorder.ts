import hdr, { type JsHistogram } from 'hdr-histogram-js';
import type { Failure } from '../transport/transport.ts';

/** Filled buckets: the highest value of each, and the number of values in it. */
export interface Buckets {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** What a thread recorded in an interval of a slice. */
export interface IntervalRecord {
  operations: number;
  errors: number;
  /** The largest backlog. */
  backlog: number;
  latency: Buckets;
}

/** What a thread recorded in a part of a slice. */
export interface PartRecord {
  operations: number;
  errors: number;
  latency: Buckets;
  readonly intervals: readonly IntervalRecord[];
}

export interface FailureCount {
  readonly kind: string;
  count: number;
  readonly example: string;
}

/** What a thread recorded in a slice. */
export interface SliceRecord {
  readonly parts: readonly PartRecord[];
  readonly failures: readonly FailureCount[];
  /** Sum of all latencies in microseconds, for the mean. */
  readonly totalUs: number;
  readonly maxUs: number;
  readonly unstarted: number;
  readonly maxBacklog: number;
  /** Share of time in which the event loop of the thread was busy. */
  readonly busy: number;
}

/**
 * The measured part of a slice: parts of equal length, each divided into intervals. Times are of `performance.now()`.
 */
export interface RecordedTime {
  readonly from: number;
  readonly parts: number;
  readonly partMs: number;
  readonly intervalMs: number;
}

/** The highest latency that the histogram distinguishes, in microseconds. It records higher latencies as this one. */
const highestUs = 3_600_000_000;
/** Different kinds of failures to keep. More would let a target fill the memory of the kit. */
const maxFailureKinds = 50;
const otherFailures = 'other';

function histogram(digits: 2 | 3): JsHistogram {
  return new hdr.Int32Histogram(1, highestUs, digits);
}

function bucketsOf(source: JsHistogram): Buckets {
  const values: number[] = [];
  const counts: number[] = [];
  const { recordedValuesIterator: buckets } = source;
  buckets.reset();
  while (buckets.hasNext()) {
    const { valueIteratedTo, countAtValueIteratedTo } = buckets.next();
    values.push(valueIteratedTo);
    counts.push(countAtValueIteratedTo);
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts) };
}

/** Records the operations of one slice in bounded memory. */
export class Recorder {
  readonly #time: RecordedTime;
  readonly #whole = histogram(3);
  readonly #brief = histogram(2);
  readonly #parts: PartRecord[] = [];
  readonly #failures = new Map<string, FailureCount>();
  #intervals: IntervalRecord[] = [];
  #part: Omit<PartRecord, 'latency' | 'intervals'> = { operations: 0, errors: 0 };
  #interval: Omit<IntervalRecord, 'latency'> = { operations: 0, errors: 0, backlog: 0 };
  #intervalEnd: number;
  #partEnd: number;
  #totalUs = 0;
  #maxUs = 0;
  #maxBacklog = 0;
  #unstarted = 0;

  constructor(time: RecordedTime) {
    this.#time = time;
    this.#partEnd = time.from + time.partMs;
    this.#intervalEnd = Math.min(time.from + time.intervalMs, this.#partEnd);
  }

  /** The end of the measured time. */
  get until(): number {
    return this.#time.from + this.#time.parts * this.#time.partMs;
  }

  /** Records an operation that succeeded. @param at when it counts @param latencyMs its latency */
  success(at: number, latencyMs: number): void {
    this.#advance(at);
    this.#part.operations += 1;
    this.#interval.operations += 1;
    this.#latency(latencyMs);
  }

  /** Records a failed operation. */
  failure(at: number, { kind, detail }: Failure): void {
    this.#advance(at);
    this.#part.errors += 1;
    this.#interval.errors += 1;
    const isNamed = this.#failures.has(kind) || this.#failures.size < maxFailureKinds;
    const name = isNamed ? kind : otherFailures;
    const known = this.#failures.get(name);
    if (known === undefined) this.#failures.set(name, { kind: name, count: 1, example: detail });
    else known.count += 1;
  }

  /** Records the number of operations that are due but not started. */
  backlog(at: number, amount: number): void {
    this.#advance(at);
    if (amount > this.#interval.backlog) this.#interval.backlog = amount;
    if (amount > this.#maxBacklog) this.#maxBacklog = amount;
  }

  /** Records the wait so far of an operation that never started. */
  unstarted(at: number, waitMs: number): void {
    this.#advance(at);
    this.#unstarted += 1;
    this.#latency(waitMs);
  }

  /** Ends the recording. @param at the end of the measured time, which is earlier if the run was interrupted */
  finish(at: number, busy: number): SliceRecord {
    this.#advance(at);
    if (this.#parts.length < this.#time.parts) this.#endPart();
    return {
      parts: this.#parts,
      failures: [...this.#failures.values()],
      totalUs: this.#totalUs,
      maxUs: this.#maxUs,
      unstarted: this.#unstarted,
      maxBacklog: this.#maxBacklog,
      busy,
    };
  }

  #latency(latencyMs: number): void {
    const us = Math.max(1, Math.min(highestUs, Math.round(latencyMs * 1_000)));
    this.#totalUs += us;
    if (us > this.#maxUs) this.#maxUs = us;
    this.#whole.recordValue(us);
    this.#brief.recordValue(us);
  }

  /** Ends the intervals and parts before a time. An operation that counts earlier belongs to the current ones. */
  #advance(at: number): void {
    while (at >= this.#intervalEnd && this.#parts.length < this.#time.parts) {
      if (this.#intervalEnd >= this.#partEnd) this.#endPart();
      else this.#endInterval();
    }
  }

  #endInterval(): void {
    this.#intervals.push({ ...this.#interval, latency: bucketsOf(this.#brief) });
    this.#brief.reset();
    this.#interval = { operations: 0, errors: 0, backlog: 0 };
    this.#intervalEnd = Math.min(this.#intervalEnd + this.#time.intervalMs, this.#partEnd);
  }

  #endPart(): void {
    this.#endInterval();
    this.#parts.push({ ...this.#part, latency: bucketsOf(this.#whole), intervals: this.#intervals });
    this.#whole.reset();
    this.#intervals = [];
    this.#part = { operations: 0, errors: 0 };
    this.#partEnd += this.#time.partMs;
    this.#intervalEnd = Math.min(this.#intervalEnd + this.#time.intervalMs, this.#partEnd);
  }
}
