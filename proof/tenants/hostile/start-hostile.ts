import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { withDeadline } from '../../../base/deadline.ts';
import { packageRoot } from '../../../base/package.ts';
import type { HostileData, HostileResult } from './hostile-thread.ts';

/** The built program of the thread. */
const program = join(packageRoot(), 'dist/proof/tenants/hostile/hostile-thread.js');

/** Time limit of the calls and sessions that are open when the attacks stop, in milliseconds. */
const stopLimitMs = 60_000;

/** A hostile tenant in a thread of its own. Disposing ends it at once. */
export interface RunningTenant extends AsyncDisposable {
  /** Ends the attacks and closes the sessions. @throws Error if the thread failed, or DeadlineError */
  stop(): Promise<HostileResult>;
}

/** Starts all attacks on a target. */
export function startHostileTenant(data: HostileData): RunningTenant {
  const worker = new Worker(program, { workerData: data });
  const result: Promise<HostileResult> = once(worker, 'message').then(([message]) => message);
  // A failure is reported when the tenant is stopped.
  result.catch(() => undefined);
  return {
    async stop() {
      worker.postMessage('stop');
      return withDeadline(result, stopLimitMs, 'the end of the hostile tenant');
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
