#!/usr/bin/env node
// Runs the fuzzers of the Rust runtime side by side for the seconds of the argument. proptest saves an input that fails in
// proptest-regressions/, and tries it first from then on.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [seconds = '60'] = process.argv.slice(2);
const end = Date.now() + Number(seconds) * 1000;
const env = { ...process.env, PROPTEST_CASES: '20000' };
do {
  execFileSync('cargo', ['test', '--quiet', '--locked', '--lib', 'fuzz'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env,
    stdio: 'inherit',
  });
} while (Date.now() < end);
