import { setTimeout as wait } from 'node:timers/promises';
import { onHandlers } from '../mutants/faults.ts';
import type { Variation } from './variation.ts';

let isStopping = false;

/** Other lives of the process. */
export const lifeVariations: readonly Variation[] = [
  {
    name: 'exit-codes-of-its-own',
    clause: 'LIFE-6',
    about: 'What cannot be bound ends the process with exit code 78',
    process: async (serve) => ((await serve()) === 0 ? 0 : 78),
  },
  {
    name: 'ready-after-a-while',
    clause: 'LIFE-3',
    about: 'The socket is there only after half a second',
    process: async (serve) => {
      await wait(500);
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
    name: 'health-fails-while-stopping',
    clause: 'HEALTH-5',
    about: 'While it stops, health is UNAVAILABLE',
    process: (serve) => {
      process.once('SIGTERM', () => {
        isStopping = true;
      });
      const hooks = onHandlers(({ healthCheck }) => ({
        healthCheck: (call, callback) => {
          if (isStopping) callback({ code: 14, details: 'Stopping' });
          else healthCheck(call, callback);
        },
      }));
      return serve({ hooks });
    },
  },
  {
    name: 'says-much',
    clause: 'AUTH-11',
    about: 'Writes plain text and colours to stdout and stderr all the time',
    process: (serve) => {
      const write = () => {
        process.stdout.write('\u001b[32mINFO\u001b[0m still here, ünïcödé and all, without a line end');
        process.stderr.write(`WARN ${'x'.repeat(500)}\r\n\n`);
      };
      setInterval(write, 5).unref();
      return serve();
    },
  },
];
