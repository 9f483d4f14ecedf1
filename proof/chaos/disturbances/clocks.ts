import { callLimitMs } from '../callers/limits.ts';
import type { Disturbance } from './disturbance.ts';
import { pause } from './pause.ts';

const hourSeconds = 3_600;
/** Time after which a clock has certainly followed a jump, in milliseconds. */
const followMs = 2_500;

function jumps(name: string, offsetSeconds: number): Disturbance {
  return {
    name,
    roles: ['gateway', 'runtime'],
    // Tokens stay valid, so no call may fail and no session may end.
    effects: { failsCalls: false },
    impossible: ({ pair, role }) => pair.clockProblem(role),
    async run({ pair, role }, { random, signal }) {
      pair.setClock(role, offsetSeconds);
      try {
        await pause(random.whole(2_000, 4_000), signal);
      } finally {
        pair.setClock(role, 0);
        await pause(followMs, signal);
      }
    },
  };
}

/** The clock of a process is an hour ahead for some seconds. */
export const clockAhead = jumps('clock an hour ahead', hourSeconds);
/** The clock of a process is an hour behind for some seconds. */
export const clockBehind = jumps('clock an hour behind', -hourSeconds);

/** Time for which a runtime is away, in milliseconds. It is longer than the time limit of a waiting call. */
const awayMs = callLimitMs + 4_000;

/** The clock of a gateway goes back while its runtime is away, and calls wait for it. */
export const clockBackWhileAway: Disturbance = {
  name: 'runtime away while the clock goes back',
  roles: ['gateway'],
  effects: { failsCalls: true },
  needsWholePair: true,
  impossible: ({ pair, role }) => pair.clockProblem(role),
  async run({ pair }, { signal }) {
    try {
      await pair.runtime.end('SIGKILL', awayMs);
      pair.setClock('gateway', -hourSeconds);
      await pair.runtime.ready();
    } finally {
      pair.setClock('gateway', 0);
      await pause(followMs, signal);
    }
  },
};
