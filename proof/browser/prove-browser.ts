import { runTests } from '../run-tests.ts';
import { ChromiumMissingError, chromiumPath } from './chromium.ts';

/**
 * Opens HTML reports of real runs in Chromium and uses them, with the tests in this folder. Resolves to the exit code:
 * 3 if Chromium is not installed.
 * @param names parts of the names of test files; an empty list selects all
 */
export async function proveBrowser(
  names: readonly string[],
  tell: (problem: string) => void,
): Promise<number> {
  try {
    chromiumPath();
  } catch (error) {
    if (!(error instanceof ChromiumMissingError)) throw error;
    tell(error.message);
    process.stderr.write(`error: ${error.message}\n`);
    return 3;
  }
  const files = names.length === 0 ? ['proof/browser'] : names.map((name) => `proof/browser/${name}`);
  return runTests({ files, variables: { BROWSER_PROOF: '1' }, tell });
}
