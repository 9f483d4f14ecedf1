import { packageVersion } from '../../base/package.ts';
import { serve } from '../../reference-runtime/process/run.ts';
import { createRuntime, type Runtime } from '../../reference-runtime/runtime.ts';
import type { RuntimeChange, Serve } from './fault.ts';

// The proof starts the reference runtime here and nowhere else.

/** Creates a changed runtime in this process. */
export function createChanged({ options, hooks }: RuntimeChange): Runtime {
  return createRuntime({ version: packageVersion(), ...options, hooks });
}

/** Serves a changed runtime as its own process does. Resolves to the exit code. */
export function serveChanged({
  options,
  hooks,
  process: run = (unchanged: Serve) => unchanged(),
}: RuntimeChange): Promise<number> {
  return run(({ hooks: more, ...changes } = {}) =>
    serve({ version: packageVersion(), ...changes, options: { ...options, hooks: { ...hooks, ...more } } }),
  );
}
