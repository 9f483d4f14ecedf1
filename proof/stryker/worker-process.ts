import { setMaxListeners } from 'node:events';
import { errorMessage } from '../../base/error-message.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { coverSuite } from './coverage.ts';
import { strykerNamespace } from './mutation-switch.ts';
import { tryHosted, tryProcess } from './trial.ts';
import { type Answer, aliveMs, type Order } from './worker.ts';

// A mutant may cause unhandled rejections and error events, which would end the process of a runtime.
let crashes = 0;
process.on('uncaughtException', () => {
  crashes += 1;
});
// The parent process decides when to exit, even if Ctrl-C reaches both processes.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => process.exit());
setMaxListeners(0);

const { cases, identities } = await loadOwnFixtures();
const byId = new Map(cases.map((testCase) => [testCase.id, testCase]));

// A mutant that loops forever also stops these messages.
setInterval(() => process.send?.('alive'), aliveMs).unref();
process.on('message', async (order: Order) => process.send?.(await answerTo(order)));

async function answerTo(order: Order): Promise<Answer> {
  try {
    if (order.kind === 'cover') return { coverage: await coverSuite({ cases, identities }) };
    const namespace = strykerNamespace();
    Object.assign(namespace, { hitCount: 0, hitLimit: order.hitLimit });
    crashes = 0;
    const some = order.cases.flatMap((id) => byId.get(id) ?? []);
    const trial = { cases: some, identities };
    const detection =
      order.kind === 'hosted' ? await tryHosted(order.mutant, trial) : await tryProcess(order.mutant, trial);
    return { detection, crashed: crashes > 0 };
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}
