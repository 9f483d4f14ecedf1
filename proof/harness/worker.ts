import { setMaxListeners } from 'node:events';
import { errorMessage } from '../../base/error-message.ts';
import { type FaultKind, faultKinds } from './kinds.ts';
import { tryFault } from './subject.ts';
import type { Answer, Order } from './worker-pool.ts';

// Tries the faults that the parent process orders. A fault may spoil the process it runs in, and a single process would
// leave the other cores idle.

// A fault may leave a promise or an event that nobody handles: that is the target's problem, not the run's.
process.on('uncaughtException', () => undefined);
// The parent decides when to end, also where a terminal interrupts both.
process.on('SIGINT', () => undefined);

const interruption = new AbortController();
setMaxListeners(0, interruption.signal);
const subject = await faultKinds[process.argv[2] as FaultKind].load();

process.on('message', async (order: Order | 'interrupt') => {
  if (order === 'interrupt') {
    interruption.abort(new Error('interrupted'));
    return;
  }
  process.send?.(await answerTo(order));
});
process.once('disconnect', () => process.exit());

async function answerTo({ name, wholeSuite }: Order): Promise<Answer> {
  try {
    const fault = subject.faults.find((each) => each.name === name);
    if (fault === undefined) throw new Error(`there is no fault ${name}`);
    return { name, trial: await tryFault(subject, fault, { wholeSuite, signal: interruption.signal }) };
  } catch (error) {
    return { name, problem: errorMessage(error) };
  }
}
