import { availableParallelism } from 'node:os';
import { type Order, WorkerPool } from './worker-pool.ts';

/** How many orders are carried out. */
export interface Work {
  /** The module of the workers, below `dist/proof`. */
  readonly worker: string;
  /** How many are carried out at the same time. */
  readonly together: number;
  readonly signal: AbortSignal;
}

/** Has all orders carried out, or those that there is time for until it is interrupted; tells how far it is on a terminal. */
export async function tryAll<Trial>(
  orders: readonly Order[],
  { worker, together, signal }: Work,
): Promise<Trial[]> {
  const trials = new Map<string, Trial>();
  using pool = new WorkerPool<Trial>(worker, Math.min(together, availableParallelism()));
  const queue = orders.values();
  const lane = async () => {
    for (const order of queue) {
      if (signal.aborted) return;
      trials.set(order.name, await pool.try(order));
      if (process.stderr.isTTY) process.stderr.write(`\r${trials.size} of ${orders.length}`);
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
  if (process.stderr.isTTY) process.stderr.write('\r');
  return orders.flatMap(({ name }) => trials.get(name) ?? []);
}
