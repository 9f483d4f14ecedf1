import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../base/package.ts';
import { loadFixtures } from './load.ts';
import { FixtureError } from './problem.ts';

/**
 * Checks a folder of fixtures and says what is wrong with it, or how much it holds.
 * @param directory default: the fixtures of this package
 */
export async function checkFixtures(
  directory = join(packageRoot(), 'fixtures'),
): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const { cases, suites } = await loadFixtures({ directory });
    return { ok: true, text: `${cases.length} cases in ${suites.length} suites` };
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error;
    return { ok: false, text: error.message };
  }
}

const [, script, directory] = process.argv;
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  const { ok, text } = await checkFixtures(directory);
  console.log(text);
  process.exitCode = ok ? 0 : 2;
}
