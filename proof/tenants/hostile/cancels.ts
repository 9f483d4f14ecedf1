import type { Attack } from './attack.ts';
import { repeat } from './repeat.ts';
import { toolCall } from './requests.ts';

const name = 'cancels';
const callsPerBurst = 100;

/** Starts bursts of calls that block, and cancels them in the next turn of the event loop. */
export const cancels: Attack = {
  name,
  run: (tenant, signal) =>
    repeat(
      async (turn) => {
        const session = tenant.session(turn);
        if (session === undefined) return;
        const calls = Array.from({ length: callsPerBurst }, (_, index) => {
          const key = `hostile-${turn}-${index}`;
          return tenant.send(name, tenant.prepare('Invoke', toolCall('conformance_wait', { key }, session)));
        });
        await new Promise(setImmediate);
        for (const { cancel } of calls) cancel();
        await Promise.all(calls.map(({ ended }) => ended));
      },
      { everyMs: 250, maxInFlight: 2, signal },
    ),
};
