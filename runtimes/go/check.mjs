#!/usr/bin/env node
// Checks the Go runtime: formatting, vet, generated code, third-party code and its licences, tests.
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkRuntime } from '../toolchain.mjs';

const module = fileURLToPath(new URL('.', import.meta.url));
const generated = 'internal/runtimev1';

function checkFormat() {
  const unformatted = execFileSync('gofmt', ['-l', '.'], { cwd: module, encoding: 'utf8' }).trim();
  if (unformatted !== '') {
    throw new Error(`Some files are not formatted. Run gofmt -w . in runtimes/go.\n${unformatted}`);
  }
}

async function filesOf(folder) {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
}

/** Throws an error unless buf generates exactly the existing code. Always restores the existing code. */
async function checkGenerated(run) {
  const before = await mkdtemp(join(tmpdir(), 'mcp-go-generated-'));
  try {
    await cp(join(module, generated), before, { recursive: true });
    try {
      run('go', 'generate', './...');
      if (JSON.stringify(await filesOf(join(module, generated))) !== JSON.stringify(await filesOf(before))) {
        throw new Error(
          `${generated} does not match proto/. Run go generate ./... in runtimes/go and commit the result.`,
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

await checkRuntime({
  language: 'Go',
  folder: module,
  tool: ['go', 'version'],
  install: 'Go 1.26 or later',
  requiredBy: 'REQUIRE_GO',
  async checks(run) {
    checkFormat();
    run('go', 'mod', 'tidy', '-diff');
    run('go', 'vet', './...');
    run('go', 'vet', '-tags', 'faults', './...');
    await checkGenerated(run);
    run(process.execPath, '../../third-party/main.mjs', 'go', '--check');
    run('go', 'test', './...');
  },
});
