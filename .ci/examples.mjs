#!/usr/bin/env node
// Runs the examples as a user would, in a copy and with the packed kit: the commands of each README, whose output must
// match the README, and the steps of the example workflow. Needs Python 3.10 or later with venv, and access to PyPI and
// npm.
// node .ci/examples.mjs [EXAMPLE...]
import { access, cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { $, echo } from 'zx';

const root = join(import.meta.dirname, '..');

/** Runs a script like a workflow step, and returns its output. */
async function runScript(script, cwd, env = {}) {
  const shell = $({ cwd, env: { ...process.env, ...env }, input: '', quiet: true, nothrow: true });
  const { exitCode, stdout, stderr } = await shell`bash --noprofile --norc -eo pipefail -c ${script}`;
  if (exitCode !== 0) {
    throw new Error(`exit code ${exitCode} from:\n${script}\n${stdout}${stderr}`);
  }
  return stdout;
}

/**
 * Runs the commands of a README in a folder, and checks that their output contains the lines shown in the README, in
 * order.
 */
async function runReadme(name, examples, kit, folder = name) {
  const text = await readFile(join(examples, name, 'README.md'), 'utf8');
  const [, commands, shown] = /```sh\n([\s\S]*?)```\n\n```\n([\s\S]*?)```/.exec(text);
  const script = commands.replace(/(npm install .*) mcp-runtime-conformance$/m, `$1 ${kit}`);
  const output = await runScript(script, join(examples, folder));
  let from = 0;
  for (const line of shown.trimEnd().split('\n')) {
    const found = output.slice(from).search(new RegExp(`^${line}(?=\\s|:)`, 'm'));
    if (found === -1) {
      throw new Error(
        `examples/${name}/README.md shows "${line}", but the output does not contain it:\n${output}`,
      );
    }
    from += found;
  }
  echo(`examples/${name}: ${output.slice(from).split('\n')[0]}`);
}

/** Runs the steps of the workflow in a new copy of the Python runtime, which represents a user's repository. */
async function runWorkflow(folder, kit) {
  const { env, jobs } = parse(await readFile(join(root, 'examples/github-workflow/conformance.yml'), 'utf8'));
  const repository = join(folder, 'repository');
  await cp(join(root, 'examples/python-runtime'), repository, { recursive: true, filter: isSource });
  const summary = join(folder, 'summary.md');
  const variables = { ...env, KIT: kit, GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
  for (const { run, uses, with: inputs } of jobs.core.steps) {
    if (run !== undefined) {
      await runScript(run, repository, variables);
    } else if (uses.startsWith('actions/upload-artifact@')) {
      for (const report of ['conformance.json', 'conformance.xml', 'conformance.html']) {
        await access(join(repository, inputs.path, report));
      }
    }
  }
  if ((await stat(summary)).size === 0) {
    throw new Error('the workflow did not write a summary');
  }
  echo('examples/github-workflow: all steps passed');
}

/** Excludes files that earlier runs wrote to the checkout. */
function isSource(path) {
  return !/\/(\.venv|contextforge|node_modules|__pycache__|reports)$/.test(path);
}

const folder = await mkdtemp(join(tmpdir(), 'examples-'));
try {
  const packed = await $({
    cwd: root,
    quiet: true,
  })`npm pack --silent --ignore-scripts --pack-destination ${folder}`;
  const kit = join(folder, packed.stdout.trim());
  const examples = join(folder, 'examples');
  await cp(join(root, 'examples'), examples, { recursive: true, filter: isSource });
  const runs = {
    'python-runtime': () => runReadme('python-runtime', examples, kit),
    // It needs the Python runtime, and runs in its folder.
    matrix: () => runReadme('matrix', examples, kit, 'python-runtime'),
    'sdk-server': () => runReadme('sdk-server', examples, kit),
    'stdio-server': () => runReadme('stdio-server', examples, kit),
    'github-workflow': () => runWorkflow(folder, kit),
  };
  const chosen = process.argv.slice(2);
  for (const name of chosen.length === 0 ? Object.keys(runs) : chosen) {
    await runs[name]();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
