import { once } from 'node:events';
import { setPriority } from 'node:os';
import { withTimeLimit } from '../../../base/deadline.ts';
import { errorMessage } from '../../../base/error-message.ts';
import type { Address } from '../../../runners/runner.ts';
import { attacks } from './attacks.ts';
import { bare } from './requests.ts';
import type { Tallies } from './tally.ts';
import { callLimitMs, HostileTenant } from './tenant.ts';

/** The first message to the process. A second one, without content, stops it. */
export interface HostileData {
  readonly address: Address;
  /** Names of attacks. */
  readonly attacks: readonly string[];
  /** The attacks end after this time, even if nobody stops them. */
  readonly limitMs: number;
}

/** The message of the process at its end. `problem` is a failure of the attacks themselves. */
export interface HostileResult {
  readonly tallies: Tallies;
  readonly problem?: string;
}

/** Time limit of closing the sessions, in milliseconds. */
const closeLimitMs = 20_000;
const closersInParallel = 32;

// The program of the hostile tenant. It attacks until the second message arrives, and then leaves nothing behind. It is a
// process of its own, because threads of one process wait for each other, for example to get memory.
const [data] = (await once(process, 'message')) as [HostileData];
const { address, limitMs } = data;
const selected = attacks.filter(({ name }) => data.attacks.includes(name));
const stop = new AbortController();
process.once('message', () => stop.abort());
// The parent has ended.
process.once('disconnect', () => process.exit(1));

// The process competes with the honest caller and the target for the processors of this machine, which a tenant on another
// machine would not.
setPriority(19);

const limit = setTimeout(() => stop.abort(), limitMs);
const result = await attack();
clearTimeout(limit);
process.send?.(result, () => process.exit(0));

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
