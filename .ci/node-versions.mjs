#!/usr/bin/env node
// Runs the kit against the reference runtime with several versions of Node, which both programs use: the oldest version
// that package.json allows, and the latest release of each later major version.
import { join } from 'node:path';
import { $, echo } from 'zx';
import { defaultCache, provideNode } from '../dist/proof/official/npm-program.js';

const versions = ['20.19.0', '22', '24', '26'];
const program = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
let failed = false;

for (const version of versions) {
  const node = await provideNode(version, defaultCache);
  const named = (await $`${node} --version`.quiet()).stdout.trim();
  const run = await $`${node} ${program}`.quiet().nothrow().timeout('2m');
  const [verdict = '', duration = ''] = run.stdout.trimEnd().split('\n').slice(-2);
  echo(`node ${named.padEnd(9)}  ${verdict}, ${duration}`);
  if (run.exitCode !== 0) {
    failed = true;
    echo(run.stdout, run.stderr);
  }
}

process.exitCode = failed ? 1 : 0;
