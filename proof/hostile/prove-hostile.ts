import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import picomatch from 'picomatch';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { hostileTargets } from './targets/index.ts';

/**
 * Runs the kit against hostile targets with `hostile.test.ts`. Resolves to the exit code of vitest.
 * @param names names or globs; an empty list selects all
 * @throws UsageError
 */
export async function proveHostile(names: readonly string[]): Promise<number> {
  const known = Object.keys(hostileTargets);
  const unknown = names.find((name) => !known.some((each) => picomatch(name)(each)));
  if (unknown !== undefined) {
    throw new UsageError(`no hostile target matches ${unknown}; see proof/hostile/targets/ for their names`);
  }
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const env = { ...process.env, HOSTILE: names.length === 0 ? '*' : names.join(' ') };
  const run = $({ cwd: packageRoot(), env, stdio: 'inherit', nothrow: true });
  return (await run`${process.execPath} ${vitest} run proof/hostile`).exitCode ?? 1;
}
