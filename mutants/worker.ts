import { setMaxListeners } from 'node:events';
import { loadOwnFixtures } from '../conformance/fixture/compiled.ts';
import { mutants } from './index.ts';
import { tryMutant } from './trial.ts';
import type { Order, Outcome } from './worker-pool.ts';

// A process that tries the mutants it is told of: a fault may spoil the process it runs in, and one process alone
// leaves the other cores idle.

// A fault may leave a promise or an event that nobody handles; it is the target's, not the run's.
process.on('uncaughtException', () => undefined);
// The parent ends this process, and tells it nothing more once it is interrupted itself.
process.on('SIGINT', () => undefined);

const never = new AbortController().signal;
setMaxListeners(0, never);
const suite = await loadOwnFixtures();

process.on('message', (order: Order) => void carryOut(order));
process.once('disconnect', () => process.exit());

async function carryOut({ name, ...options }: Order): Promise<void> {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  const outcome: Outcome = { name, trial: await tryMutant(mutant, { suite, signal: never, ...options }) };
  process.send?.(outcome);
}
