import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { withDeadline } from '../../../base/deadline.ts';
import { packageRoot } from '../../../base/package.ts';
import { makeFolderPlace } from '../../../runners/socket-place.ts';
import { ThreadPool } from '../load/thread-pool.ts';
import { mergeBuckets, percentile } from '../measure/buckets.ts';
import type { BenchPlan } from '../plan.ts';

/** The built program of the thread that answers. */
const program = join(packageRoot(), 'dist/conformance/bench/self-test/responder-thread.js');
const startMs = 10_000;
const leadMs = 30;

/** The limit of the load generator itself in one workload. */
export interface GeneratorLimit {
  readonly workload: string;
  readonly operationsPerS: number;
  readonly errors: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** The share of time in which the busiest thread was busy. */
  readonly busy: number;
}

/** The workloads that the canned responder answers. */
export function isInSelfTest(workload: string): boolean {
  return workload.startsWith('echo-');
}

/**
 * Measures the load generator against a responder that does as little as possible, in a closed loop.
 * @param onLimit called with the result of each workload
 * @throws PreparationError, ThreadError
 */
export async function selfTest(
  plan: Pick<
    BenchPlan,
    'load' | 'workloads' | 'workers' | 'connections' | 'deadlineMs' | 'events' | 'durationMs' | 'warmUpMs'
  >,
  signal: AbortSignal,
  onLimit: (limit: GeneratorLimit) => void,
): Promise<void> {
  await using place = await makeFolderPlace();
  const path = place.hostPath;
  const responder = new Worker(program, { workerData: { path } });
  try {
    await withDeadline(once(responder, 'message'), startMs, 'starting the responder');
    await using pool = new ThreadPool({ ...plan, name: 'self-test' });
    const stop = () => pool.stop();
    signal.addEventListener('abort', stop, { once: true });
    const variant = 'canned';
    await pool.open(variant, { address: { kind: 'unix', path }, protocol: 'grpc' }, plan.load.users);
    for (const workload of plan.workloads.filter(isInSelfTest)) {
      if (signal.aborted) break;
      await pool.ready(variant, workload);
      const startAt = Date.now() + leadMs;
      const partMs = plan.durationMs;
      const measureAt = startAt + plan.warmUpMs;
      const command = { variant, workload, startAt, measureAt, parts: 1, partMs, intervalMs: partMs };
      const records = await pool.slice(command, () => ({ kind: 'closed' }));
      const parts = records.flatMap((record) => record.parts);
      const latency = mergeBuckets(parts.map((part) => part.latency));
      onLimit({
        workload,
        operationsPerS: (sum(parts.map(({ operations }) => operations)) * 1_000) / partMs,
        errors: sum(parts.map(({ errors }) => errors)),
        p50Us: percentile(latency, 0.5),
        p99Us: percentile(latency, 0.99),
        busy: Math.max(...records.map(({ busy }) => busy)),
      });
      await pool.release(variant, workload);
    }
    signal.removeEventListener('abort', stop);
  } finally {
    await responder.terminate();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
