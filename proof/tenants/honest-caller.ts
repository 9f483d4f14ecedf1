import type { SliceRecord } from '../../conformance/bench/load/recorder.ts';
import { ThreadPool } from '../../conformance/bench/load/thread-pool.ts';
import { mergeBuckets, percentile } from '../../conformance/bench/measure/buckets.ts';
import type { Histogram } from '../../conformance/bench/report.ts';
import type { Address } from '../../runners/runner.ts';

/**
 * What the honest caller measured. Latencies count from the intended start of a call. They include calls that did not start
 * before the end of the time, because too many were in flight.
 */
export interface Measured {
  readonly latency: Histogram;
  readonly maxUs: number;
  /** Calls that succeeded. */
  readonly calls: number;
  /** Failed calls and their reasons. */
  readonly failures: readonly string[];
}

const variant = 'target';
/** 65 % short echoes, 15 % longer ones, 10 % lists, 5 % streams, 5 % new sessions. */
const workload = 'mixed';
/** Sessions of the caller, and its calls that may be in flight. */
const users = 64;
/** A call must end within this time. It does not depend on the speed of the machine. */
const deadlineMs = 30_000;
/** Load before the measured time, so that what the last slice left behind does not count. */
const settleMs = 1_000;
const leadMs = 100;

/** A caller that calls at a steady rate, whether or not earlier calls have ended. */
export class HonestCaller implements AsyncDisposable {
  readonly #pool: ThreadPool;

  private constructor(pool: ThreadPool) {
    this.#pool = pool;
  }

  /** Opens the sessions. @throws PreparationError or ThreadError */
  static async open(address: Address): Promise<HonestCaller> {
    const pool = new ThreadPool({ workers: 1, connections: 1, name: 'honest', deadlineMs, events: 10 });
    try {
      await pool.open(variant, { address, protocol: 'grpc' }, users);
      await pool.ready(variant, workload);
      return new HonestCaller(pool);
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Calls for a time and measures. @throws ThreadError */
  async measure(durationMs: number, ratePerS: number): Promise<Measured> {
    const startAt = Date.now() + leadMs;
    const time = { startAt, measureAt: startAt + settleMs, parts: 1, partMs: durationMs };
    const load = { kind: 'open', intervalMs: 1_000 / ratePerS, offsetMs: 0 } as const;
    const records = await this.#pool.slice(
      { ...time, variant, workload, intervalMs: durationMs },
      () => load,
    );
    return measuredOf(records);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close(variant).catch(() => undefined);
    await this.#pool[Symbol.asyncDispose]();
  }
}

function measuredOf(records: readonly SliceRecord[]): Measured {
  const parts = records.flatMap((record) => record.parts);
  const failures = records.flatMap(({ failures }) =>
    failures.map(({ kind, count, example }) => `${count} calls failed (${kind}): ${example}`),
  );
  return {
    latency: mergeBuckets(parts.map(({ latency }) => latency)),
    maxUs: Math.max(...records.map(({ maxUs }) => maxUs)),
    calls: parts.reduce((sum, { operations }) => sum + operations, 0),
    failures,
  };
}

/** Adds up the measurements of several slices. */
export function mergeMeasured(all: readonly Measured[]): Measured {
  return {
    latency: mergeBuckets(all.map(({ latency: { valuesUs, counts } }) => ({ values: valuesUs, counts }))),
    maxUs: Math.max(...all.map(({ maxUs }) => maxUs)),
    calls: all.reduce((sum, { calls }) => sum + calls, 0),
    failures: all.flatMap(({ failures }) => failures),
  };
}

/** Returns a percentile in milliseconds. @param share from 0 to 1 */
export function percentileMs({ latency, maxUs }: Measured, share: number): number {
  return Math.min(percentile(latency, share), maxUs) / 1_000;
}
