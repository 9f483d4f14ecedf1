import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { withTimeLimit } from '../../../base/deadline.ts';
import { errorMessage } from '../../../base/error-message.ts';
import type { Address } from '../../../runners/runner.ts';
import { attacks } from './attacks.ts';
import { bare } from './requests.ts';
import type { Tallies } from './tally.ts';
import { callLimitMs, HostileTenant } from './tenant.ts';

/** What the thread receives at its start. */
export interface HostileData {
  readonly address: Address;
  /** Names of attacks. */
  readonly attacks: readonly string[];
  /** The attacks end after this time, even if nobody stops them. */
  readonly limitMs: number;
}

/** The last message of the thread. `problem` is a failure of the attacks themselves. */
export interface HostileResult {
  readonly tallies: Tallies;
  readonly problem?: string;
}

/** Time limit of closing the sessions, in milliseconds. */
const closeLimitMs = 20_000;
const closersInParallel = 32;

// The program of the thread of the hostile tenant. It attacks until a message arrives, and then leaves nothing behind.
const port = parentPort;
if (port === null) throw new Error('this program runs only as a worker thread');

// The thread competes with the honest caller and the target for the processors of this machine, which a tenant on
// another machine would not. On Linux, the priority is that of this thread alone.
setPriority(19);

const { address, attacks: names, limitMs }: HostileData = workerData;
const selected = attacks.filter(({ name }) => names.includes(name));
const stop = new AbortController();
port.once('message', () => stop.abort());
const limit = setTimeout(() => stop.abort(), limitMs);
port.postMessage(await attack());
clearTimeout(limit);

async function attack(): Promise<HostileResult> {
  const lifetime = AbortSignal.timeout(limitMs + callLimitMs + closeLimitMs);
  using tenant = await HostileTenant.connect(address, lifetime);
  const { tallies } = tenant;
  try {
    // One attack that fails must not end the others early, or unnoticed.
    const ends = await Promise.allSettled(selected.map(({ run }) => run(tenant, stop.signal)));
    const failed = ends.find((end) => end.status === 'rejected');
    return failed === undefined ? { tallies } : { tallies, problem: errorMessage(failed.reason) };
  } finally {
    await withTimeLimit(closeSessions(tenant), closeLimitMs);
  }
}

async function closeSessions(tenant: HostileTenant): Promise<void> {
  const { sessions } = tenant;
  const closer = async () => {
    for (let session = sessions.pop(); session !== undefined; session = sessions.pop()) {
      await tenant.send('closed sessions', tenant.prepare('CloseSession', bare(session))).ended;
    }
  };
  await Promise.all(Array.from({ length: closersInParallel }, closer));
}
