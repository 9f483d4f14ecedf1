import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withDeadline } from '../../../base/deadline.ts';
import { packageRoot } from '../../../base/package.ts';
import type { HostileData, HostileResult } from './hostile-process.ts';

/** The built program. */
const program = join(packageRoot(), 'dist/proof/tenants/hostile/hostile-process.js');

/** Time limit of the calls and sessions that are open when the attacks stop, in milliseconds. */
const stopLimitMs = 60_000;

/** A hostile tenant in a process of its own. Disposing ends it at once. */
export interface RunningTenant extends AsyncDisposable {
  /** Ends the attacks and closes the sessions. @throws Error if the process failed, or DeadlineError */
  stop(): Promise<HostileResult>;
}

/** Starts all attacks on a target. */
export function startHostileTenant(data: HostileData): RunningTenant {
  const child = fork(program);
  child.send(data);
  const result = new Promise<HostileResult>((resolve, reject) => {
    child.once('message', (message) => resolve(message as HostileResult));
    child.once('exit', (code, signal) =>
      reject(new Error(`the hostile tenant ended with ${signal ?? `exit code ${code}`}`)),
    );
  });
  // A failure is reported when the tenant is stopped.
  result.catch(() => undefined);
  return {
    async stop() {
      if (child.connected) child.send('stop');
      return withDeadline(result, stopLimitMs, 'the end of the hostile tenant');
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
