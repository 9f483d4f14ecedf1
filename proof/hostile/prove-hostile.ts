import picomatch from 'picomatch';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { runTests } from '../run-tests.ts';
import { hostileTargets } from './targets/index.ts';

/**
 * Runs the kit against hostile targets with `hostile.test.ts`. Resolves to the exit code of vitest.
 * @param names names or globs; an empty list selects all
 * @param tell receives each failed test, in one line
 * @throws UsageError
 */
export async function proveHostile(
  names: readonly string[],
  tell: (problem: string) => void,
): Promise<number> {
  const known = Object.keys(hostileTargets);
  const unknown = names.find((name) => !known.some((each) => picomatch(name)(each)));
  if (unknown !== undefined) {
    throw new UsageError(`no hostile target matches ${unknown}; see proof/hostile/targets/ for their names`);
  }
  const variables = { HOSTILE: names.length === 0 ? '*' : names.join(' ') };
  return runTests({ files: ['proof/hostile'], variables, tell });
}
