#!/usr/bin/env node
// Runs the commands on its standard input, one per line, side by side: one more than there are cores, because they also
// wait for registries. Prints the output of each when it ends. Fails if one of them fails.
// node .ci/together.mjs < COMMANDS
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { $, echo } from 'zx';

const waiting = readFileSync(0, 'utf8').trim().split('\n');
const failed = [];

async function lane() {
  for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
    const from = Date.now();
    const { exitCode, stdall } = await $({ quiet: true, nothrow: true, input: '' })`bash -c ${command}`;
    const seconds = Math.round((Date.now() - from) / 1000);
    echo(
      `-- ${command}: ${exitCode === 0 ? 'passed' : `exit code ${exitCode}`} after ${seconds} s\n${stdall}`,
    );
    if (exitCode !== 0) failed.push(command);
  }
}

await Promise.all(Array.from({ length: availableParallelism() + 1 }, lane));
if (failed.length > 0) {
  echo(`failed: ${failed.join('; ')}`);
  process.exitCode = 1;
}
