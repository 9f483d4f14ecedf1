#!/usr/bin/env node
// Checks the Python package with the conformance catalog: installs it in a new environment, checks the style of all
// Python code, runs the tests of the package, and runs the suites that use the catalog against a stdio server that
// mounts it. Needs Python 3.10 or later with venv, and access to PyPI.
// node .ci/python-catalog.mjs
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, echo } from 'zx';

/** The other suites check the host of a stdio server, which another step of the gate checks. */
const suites = ['mcp-*', 'lists', 'resume', 'streams'];

const root = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'python-catalog-'));
const run = $({ cwd: root, quiet: true });
try {
  // pip writes its build files next to the sources.
  const source = join(folder, 'source');
  await cp(join(root, 'runtimes/python-catalog'), source, { recursive: true });
  const python = join(folder, 'venv/bin/python');
  await run`python3 -m venv ${join(folder, 'venv')}`;
  await run`${python} -m pip install --quiet --disable-pip-version-check ruff==0.17.6 ${source}`;
  await run`${python} -m ruff check --no-cache runtimes/python-catalog proof/clients`;
  await run`${python} -m ruff format --no-cache --check runtimes/python-catalog proof/clients`;
  await run`${python} -m unittest discover --start-directory ${join(source, 'tests')}`;
  echo('the tests of the Python package passed');

  const kit = 'dist/cli/main.js';
  const server = `${python} ${join(source, 'tests/mcpserver.py')}`;
  const options = [
    ['--timeout', '60', '--concurrency', '4', '--fail-on-skip'],
    ['--known-failures', join(source, 'tests/known-failures.yaml')],
    suites.flatMap((suite) => ['--suite', suite]),
    ['--command', `node ${kit} serve --max-sessions 40 --stdio "${server}"`],
  ].flat();
  const { stdout } = await run`node ${kit} ${options}`;
  echo(stdout.trim().split('\n').slice(-4).join('\n'));
} catch (error) {
  echo(`${error.stdout ?? ''}${error.stderr ?? error.message}`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
