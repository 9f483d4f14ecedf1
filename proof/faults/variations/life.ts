import { setTimeout as delay } from 'node:timers/promises';
import { variations } from '../../harness/fault.ts';
import { onHandlers } from '../changes/runtime.ts';

/** Variations of the process and its socket. */
export const lifeVariations = variations([
  {
    name: 'ready-after-a-while',
    clause: 'LIFE-3',
    about: 'The socket is there only after half a second',
    process: async (serve) => {
      await delay(500);
      return serve();
    },
  },
  {
    name: 'ready-some-time-after-the-socket',
    clause: 'LIFE-3',
    about: 'Health fails for half a second after the socket is there',
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
    about: 'What cannot be bound ends the process with exit code 78',
    process: async (serve) => ((await serve()) === 0 ? 0 : 78),
  },
]);
