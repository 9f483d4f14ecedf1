#!/usr/bin/env node
// Checks the Rust runtime: formatting, lints, third-party code and its licences, tests.
import { fileURLToPath } from 'node:url';
import { checkRuntime } from '../toolchain.mjs';

await checkRuntime({
  language: 'Rust',
  folder: fileURLToPath(new URL('.', import.meta.url)),
  tool: ['cargo', '--version'],
  install: 'Rust 1.90 or later',
  requiredBy: 'REQUIRE_RUST',
  checks(run) {
    run('cargo', 'fmt', '--all', '--check');
    run('cargo', 'clippy', '--quiet', '--locked', '--workspace', '--all-targets', '--', '-D', 'warnings');
    run(process.execPath, '../../third-party/main.mjs', 'rust', '--check');
    run('cargo', 'test', '--quiet', '--locked', '--workspace');
  },
});
