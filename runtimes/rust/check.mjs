#!/usr/bin/env node
// Everything that has to hold for the Rust runtime by itself: format, lints, tests.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const crate = fileURLToPath(new URL('.', import.meta.url));

/** Runs a command in the crate, its output shown. @throws {Error} where it fails */
function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: crate, stdio: 'inherit' });
  if (error !== undefined || status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}`);
  }
}

if (spawnSync('cargo', ['--version']).status !== 0) {
  if (process.env.REQUIRE_RUST === '1') {
    console.error('There is no cargo: install Rust 1.90 or later.');
    process.exitCode = 1;
  } else {
    console.log('The Rust runtime was left out: there is no cargo (REQUIRE_RUST=1 makes that a failure).');
  }
} else {
  try {
    run('cargo', 'fmt', '--check');
    run('cargo', 'clippy', '--quiet', '--locked', '--all-targets', '--', '-D', 'warnings');
    run('cargo', 'test', '--quiet', '--locked');
    console.log('The Rust runtime is in order.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
