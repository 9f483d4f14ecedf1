import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { installOnce } from '../install-once.ts';
import type { RealClient } from './real-client.ts';
import type { StepOutcome } from './steps.ts';

const version = '2.3.0';
const program = join(packageRoot(), 'proof', 'clients', 'python_client.py');

/**
 * The official Python client, in a process of its own. Needs Python 3.10 or later with venv, and access to PyPI.
 * @param cache installation folder, created if missing
 * @throws Error if the client cannot be installed
 */
export async function pythonClient(cache: string): Promise<RealClient> {
  const folder = join(cache, `python-mcp@${version}`);
  const python = join('bin', 'python');
  await installOnce(folder, async (fresh) => {
    const run = $({ quiet: true, timeout: '5m' });
    await run`python3 -m venv ${fresh}`;
    await run`${join(fresh, python)} -m pip install --quiet --disable-pip-version-check mcp==${version}`;
  });
  return {
    name: `mcp ${version} (Python)`,
    async check(url, era) {
      const run = $({ quiet: true, nothrow: true, timeout: '2m' });
      const { stdout, stderr, exitCode } = await run`${join(folder, python)} ${program} ${url} ${era}`;
      const outcomes = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => outcomeOf(JSON.parse(line)));
      if (exitCode === 0 && outcomes.length > 0) return outcomes;
      const problem = stderr.trim().split('\n').at(-1) || `exit code ${exitCode}`;
      return [...outcomes, { step: 'the program', problem }];
    },
  };
}

function outcomeOf({ step, problem }: { step: string; problem: string | null }): StepOutcome {
  return problem === null ? { step } : { step, problem: problem.replace(/\s+/g, ' ') };
}
