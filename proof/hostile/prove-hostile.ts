import picomatch from 'picomatch';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { runTests } from '../run-tests.ts';
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
  return runTests(['proof/hostile'], { HOSTILE: names.length === 0 ? '*' : names.join(' ') });
}
