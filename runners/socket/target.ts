import { resolve } from 'node:path';
import type { TargetKind } from '../target-kind.ts';

/** A runtime that the kit does not start. */
export interface SocketTarget {
  readonly kind: 'socket';
  readonly path: string;
}

export const socketTarget: TargetKind<SocketTarget> = {
  name: 'socket',
  flag: {
    name: 'socket',
    placeholder: 'path',
    description: 'a runtime that is already listening at this path',
    key: 'path',
    configured: ({ value, folder }) => resolve(folder, String(value)),
  },
  flags: [],
  takesArguments: false,
  abilities: {
    launch: false,
    signal: false,
    environment: false,
    socketFile: false,
    logs: false,
    sessionsOutliveRun: true,
  },
  describe: ({ path }) => `socket ${path}`,
  changingParts: ({ path }) => ({ socket: resolve(path) }),
  socketOf: ({ path }) => resolve(path),
  start: async ({ path }, transport) => (await import('./runner.ts')).createSocketRunner({ path, transport }),
};
