import { setMaxListeners } from 'node:events';
import { errorMessage } from '../../base/error-message.ts';
import { type FaultKind, faultKinds } from './kinds.ts';
import { tryFault } from './subject.ts';
import type { Answer, Order } from './worker.ts';

// A fault may leave unhandled rejections and error events in its process.
process.on('uncaughtException', () => undefined);
// The parent decides when to exit, even if a terminal interrupts both processes.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => process.exit());

const interruption = new AbortController();
setMaxListeners(0, interruption.signal);
const subject = await faultKinds[process.argv[2] as FaultKind].load();
process.on('message', async (order: Order | 'interrupt') => {
  if (order === 'interrupt') interruption.abort(new Error('interrupted'));
  else process.send?.(await answerTo(order));
});

async function answerTo({ name, wholeSuite }: Order): Promise<Answer> {
  try {
    const fault = subject.faults.find((each) => each.name === name);
    if (fault === undefined) return { problem: 'unknown fault' };
    return { trial: await tryFault(subject, fault, { wholeSuite, signal: interruption.signal }) };
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}
