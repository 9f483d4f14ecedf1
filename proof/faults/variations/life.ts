import { setTimeout as delay } from 'node:timers/promises';
import { type Hooks, variations } from '../../harness/fault.ts';
import { onHandlers } from '../changes/runtime.ts';

/** Variations of the process and its socket. */
export const lifeVariations = variations([
  {
    name: 'ready-after-a-while',
    clause: 'LIFE-3',
    about: 'The runtime creates its socket after half a second',
    process: async (serve) => {
      await delay(500);
      return serve();
    },
  },
  {
    name: 'ready-some-time-after-the-socket',
    clause: 'LIFE-3',
    about: 'The runtime fails health checks for half a second after it creates its socket',
    process: (serve) => {
      const readyAt = performance.now() + 500;
      const hooks = onHandlers(({ healthCheck }) => ({
        healthCheck: (call, callback) => {
          if (performance.now() < readyAt) callback({ code: 14, details: 'Not yet' });
          else healthCheck(call, callback);
        },
      }));
      return serve({ hooks });
    },
  },
  {
    name: 'exit-codes-of-its-own',
    clause: 'LIFE-6',
    about: 'The runtime exits with code 78 if it cannot bind its socket',
    process: async (serve) => ((await serve()) === 0 ? 0 : 78),
  },
  {
    name: 'ready-after-it-says-starting',
    clause: 'LIFE-3',
    about: 'The runtime reports the status starting for half a second after it creates its socket',
    process: (serve) => {
      const readyAt = performance.now() + 500;
      const health: Hooks['health'] = (state) => {
        const status: string = performance.now() < readyAt ? 'starting' : state.status;
        return { ...state, status } as typeof state;
      };
      return serve({ hooks: { health } });
    },
  },
  {
    name: 'exits-after-a-while',
    clause: 'LIFE-8',
    about: 'The runtime exits 400 ms after it has stopped serving',
    process: async (serve) => {
      const code = await serve();
      await delay(400);
      return code;
    },
  },
  {
    name: 'drains-for-a-second',
    clause: 'LIFE-9',
    about: 'The runtime waits 1.1 seconds for calls in flight when it stops',
    options: { limits: { drainMs: 1100 } },
    process: (serve) => serve(),
  },
]);
