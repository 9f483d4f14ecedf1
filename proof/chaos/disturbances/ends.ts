import { rm } from 'node:fs/promises';
import type { EndSignal } from '../system/supervised-process.ts';
import type { Disturbance } from './disturbance.ts';
import { pause } from './pause.ts';

const both = ['gateway', 'runtime'] as const;

function ends(name: string, signal: EndSignal, maxRestartMs: number): Disturbance {
  return {
    name,
    roles: both,
    effects: { failsCalls: true },
    async run({ pair, role }, { random }) {
      const process = pair.process(role);
      await process.end(signal, random.whole(0, maxRestartMs));
      await process.ready();
    },
  };
}

/** A process is killed, and starts again after a while. */
export const kill = ends('killed', 'SIGKILL', 1_500);
/** A process is killed, and starts again at once. */
export const killAtOnce = ends('killed and started at once', 'SIGKILL', 0);
/** A process drains and exits, and starts again after a while. */
export const drain = ends('drained', 'SIGTERM', 1_000);

/** A process does not run for some seconds. */
export const stop: Disturbance = {
  name: 'stopped for seconds',
  roles: both,
  effects: { failsCalls: true, stopsTime: true },
  async run({ pair, role }, { random, signal }) {
    const process = pair.process(role);
    process.signal('SIGSTOP');
    try {
      await pause(random.whole(1_000, 4_000), signal);
    } finally {
      process.signal('SIGCONT');
    }
  },
};

/** The socket file disappears, while connections stay open. After a while, the runtime is restarted. */
export const socketRemoved: Disturbance = {
  name: 'socket file removed',
  roles: ['runtime'],
  effects: { failsCalls: true },
  async run({ pair }, { random, signal }) {
    await rm(pair.socketPath, { force: true });
    await pause(random.whole(500, 3_000), signal);
    await pair.runtime.end('SIGTERM', 0);
    await pair.runtime.ready();
  },
};
