#!/usr/bin/env node
// Everything that has to hold for the Go runtime by itself: format, vet, generated code, tests.
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const module = fileURLToPath(new URL('.', import.meta.url));
const generated = 'internal/runtimev1';

/** Runs a command in the module, its output shown. @throws {Error} where it fails */
function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: module, stdio: 'inherit' });
  if (error !== undefined || status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}`);
  }
}

function checkFormat() {
  const unformatted = execFileSync('gofmt', ['-l', '.'], { cwd: module, encoding: 'utf8' }).trim();
  if (unformatted !== '') {
    throw new Error(`Not formatted, run gofmt -w .:\n${unformatted}`);
  }
}

async function filesOf(folder) {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
}

/** Generates the code of the contract anew and compares; leaves it as it was. */
async function checkGenerated() {
  const before = await mkdtemp(join(tmpdir(), 'mcp-go-generated-'));
  try {
    await cp(join(module, generated), before, { recursive: true });
    try {
      run('go', 'generate', './...');
      if (JSON.stringify(await filesOf(join(module, generated))) !== JSON.stringify(await filesOf(before))) {
        throw new Error(
          `${generated} is not what proto/ says: run go generate ./... in runtimes/go and commit it.`,
        );
      }
    } finally {
      await rm(join(module, generated), { recursive: true, force: true });
      await cp(before, join(module, generated), { recursive: true });
    }
  } finally {
    await rm(before, { recursive: true, force: true });
  }
}

if (spawnSync('go', ['version']).status !== 0) {
  if (process.env.REQUIRE_GO === '1') {
    console.error('There is no go: install Go 1.26 or later.');
    process.exitCode = 1;
  } else {
    console.log('The Go runtime was left out: there is no go (REQUIRE_GO=1 makes that a failure).');
  }
} else {
  try {
    checkFormat();
    run('go', 'mod', 'tidy', '-diff');
    run('go', 'vet', './...');
    run('go', 'vet', '-tags', 'faults', './...');
    await checkGenerated();
    run('go', 'test', './...');
    console.log('The Go runtime is in order.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
