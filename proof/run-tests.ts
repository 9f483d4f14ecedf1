import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../base/package.ts';

/**
 * Runs tests that `npm test` leaves out because they take a long time.
 * @param files paths in this package, or parts of them
 * @param selection the environment variable that includes the tests, see `vitest.config.ts`
 * @returns the exit code
 */
export async function runTests(
  files: readonly string[],
  selection: Readonly<Record<string, string>>,
): Promise<number> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const env = { ...process.env, ...selection };
  const run = $({ cwd: packageRoot(), env, stdio: 'inherit', nothrow: true });
  return (await run`${process.execPath} ${vitest} run --testTimeout 120000 ${files}`).exitCode ?? 1;
}
