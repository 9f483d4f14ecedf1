import { setTimeout as delay } from 'node:timers/promises';
import { variations } from '../../harness/fault.ts';
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
]);
