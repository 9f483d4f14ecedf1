import { packageVersion } from '../../base/package.ts';
import { serve } from '../../reference-runtime/process/run.ts';
import { composeRuntime, type Runtime } from '../../reference-runtime/runtime.ts';
import type { RuntimeChange, Serve } from './fault.ts';

/** Creates a changed runtime in this process. */
export function createChanged({ options, hooks }: RuntimeChange): Runtime {
  return composeRuntime({ version: packageVersion(), ...options }, hooks ?? {});
}

/** Serves a changed runtime as the main function of this process. Resolves to the exit code. */
export function serveChanged({
  options,
  hooks,
  process: run = (unchanged: Serve) => unchanged(),
}: RuntimeChange): Promise<number> {
  return run(({ hooks: more, ...changes } = {}) => {
    const all = { ...hooks, ...more };
    return serve(
      { version: packageVersion(), ...changes, options },
      {
        claimSocket: all.claimSocket,
        loadRuntime: async () => (runtimeOptions) => composeRuntime(runtimeOptions, all),
      },
    );
  });
}
