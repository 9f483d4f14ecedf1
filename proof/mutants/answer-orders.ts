import { setMaxListeners } from 'node:events';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import type { TrialOptions } from './trial.ts';
import type { Order, Outcome } from './worker-pool.ts';

/**
 * Makes this process a worker: it carries out the orders that its parent sends, and answers each. A fault may spoil the
 * process it runs in, and one process alone leaves the other cores idle.
 *
 * @param carryOut tries what is named
 */
export async function answerOrders<Trial>(
  carryOut: (name: string, options: TrialOptions) => Promise<Trial>,
): Promise<void> {
  // A fault may leave a promise or an event that nobody handles; it is the target's, not the run's.
  process.on('uncaughtException', () => undefined);
  // The parent ends this process, and tells it nothing more once it is interrupted itself.
  process.on('SIGINT', () => undefined);
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const suite = await loadOwnFixtures();
  process.on('message', async ({ name, ...options }: Order) => {
    const outcome: Outcome<Trial> = { name, trial: await carryOut(name, { suite, signal, ...options }) };
    process.send?.(outcome);
  });
  process.once('disconnect', () => process.exit());
}
