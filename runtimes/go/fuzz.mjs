#!/usr/bin/env node
// Runs all fuzzers of the Go runtime, each for the seconds of the argument. Go saves an input that fails in testdata/fuzz/
// next to the fuzzer, where it is a test from then on.
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [seconds = '60'] = process.argv.slice(2);
const module = fileURLToPath(new URL('.', import.meta.url));
const paths = (await readdir(join(module, 'internal'), { recursive: true })).filter((path) =>
  path.endsWith('_test.go'),
);
for (const path of paths.sort()) {
  const text = await readFile(join(module, 'internal', path), 'utf8');
  for (const [, name] of text.matchAll(/^func (Fuzz\w+)\(/gm)) {
    const folder = `./${join('internal', dirname(path))}`;
    // One worker leaves the other processors to everything else, and bounds the memory.
    const words = ['-run', '^$', '-fuzz', `^${name}$`, '-fuzztime', `${seconds}s`, '-parallel', '1'];
    execFileSync('go', ['test', folder, ...words], { cwd: module, stdio: 'inherit' });
  }
}
