import { ThreadPool } from '../../conformance/bench/load/thread-pool.ts';
import { sampleAt } from '../../conformance/bench/measure/sampler.ts';
import { usageOf } from '../../conformance/bench/measure/slice-usage.ts';
import type { Side } from './fast-path.ts';

/** The duration and the load of a measurement. */
export interface MeasurePlan {
  /** Number of rounds. Each round measures both sides. */
  readonly rounds: number;
  /** Measured time of a turn in milliseconds. */
  readonly turnMs: number;
  /** Number of concurrent callers. Each has a session of its own. */
  readonly users: number;
}

/** The processor time per call of both sides in one round, in microseconds. */
export interface RoundCost {
  readonly productUs: number;
  readonly floorUs: number;
}

/** Thrown if a side could not be measured, or if calls failed. The message is one line. */
export class MeasureError extends Error {
  override readonly name = 'MeasureError';
  readonly code = 'measure';
}

const deadlineMs = 10_000;
/** Duration of the load before the first round, in which the sides compile code and allocate memory. In milliseconds. */
const warmUpMs = 3_000;
/** Duration of the load before each measurement, because the other side was measured before. In milliseconds. */
const settleMs = 250;
/** Time for the thread to receive a command, in milliseconds. */
const leadMs = 30;

/**
 * Measures two sides alternately, in reverse order in every second round, so that changes in the speed of the machine
 * affect both.
 * @throws MeasureError, PreparationError, ThreadError
 */
export async function measurePath(
  { product, floor }: Readonly<Record<'product' | 'floor', Side>>,
  { rounds, turnMs, users }: MeasurePlan,
  signal: AbortSignal,
): Promise<readonly RoundCost[]> {
  const settings = { workers: 1, connections: 1, events: 1, deadlineMs, name: 'fast-paths' };
  await using pool = new ThreadPool(settings);
  const sides = [product, floor];
  for (const { name, endpoint, workload } of sides) {
    await pool.open(name, endpoint, users);
    await pool.ready(name, workload);
  }
  const turn = new Turn(pool, signal);
  for (const side of sides) await turn.costUs(side, warmUpMs);
  const costs: RoundCost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const cost = new Map<Side, number>();
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      cost.set(side, await turn.costUs(side, turnMs));
    }
    costs.push({ productUs: cost.get(product) ?? Number.NaN, floorUs: cost.get(floor) ?? Number.NaN });
  }
  for (const { name } of sides) await pool.close(name);
  return costs;
}

/** Measures sides one at a time, with load from the same thread. */
class Turn {
  readonly #pool: ThreadPool;
  readonly #signal: AbortSignal;

  constructor(pool: ThreadPool, signal: AbortSignal) {
    this.#pool = pool;
    this.#signal = signal;
  }

  /** Puts a side under load. Returns its processor time per call in microseconds. @throws MeasureError */
  async costUs({ name, workload, usage }: Side, partMs: number): Promise<number> {
    this.#signal.throwIfAborted();
    const startAt = Date.now() + leadMs;
    const measureAt = startAt + settleMs;
    const command = { variant: name, workload, startAt, measureAt, parts: 1, partMs, intervalMs: partMs };
    const [records, [samples]] = await Promise.all([
      this.#pool.slice(command, () => ({ kind: 'closed' })),
      sampleAt([usage], [measureAt, measureAt + partMs], this.#signal),
    ]);
    const [failure] = records.flatMap(({ failures }) => failures);
    if (failure !== undefined) throw new MeasureError(`${name}: a call failed: ${failure.example}`);
    const calls = records.flatMap(({ parts }) => parts).reduce((sum, part) => sum + part.operations, 0);
    const used = usageOf(samples === undefined ? [] : [samples], (calls * 1_000) / partMs);
    if (used.kind === 'not-measured') throw new MeasureError(`${name}: ${used.reason}`);
    return used.value.cpuUsPerOperation;
  }
}
