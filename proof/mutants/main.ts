#!/usr/bin/env node
import { packageVersion } from '../../base/package.ts';
import { serve } from '../../reference-runtime/process/run.ts';
import { composeRuntime } from '../../reference-runtime/runtime.ts';
import { variations } from '../variations/index.ts';
import { mutants } from './index.ts';
import type { Serve } from './mutant.ts';

const [name] = process.argv.slice(2);
const changed = [...mutants, ...variations];
const mutant = changed.find((each) => each.name === name);

if (mutant === undefined && name !== undefined && name !== 'none') {
  process.stderr.write(`mutants: there is no mutant or variation ${name}; none is the untouched runtime\n`);
  process.exitCode = 2;
} else if (name === undefined) {
  process.stderr.write(`mutants: name one of\n${changed.map((each) => `  ${each.name}\n`).join('')}`);
  process.exitCode = 2;
} else {
  const { hooks = {}, options = {}, process: run = (serveIt: Serve) => serveIt() } = mutant ?? {};
  process.exitCode = await run(({ hooks: changedHooks, ...changes } = {}) => {
    const allHooks = { ...hooks, ...changedHooks };
    return serve(
      { version: packageVersion(), ...changes, options: { ...options, ...changes.options } },
      {
        claimSocket: allHooks.claimSocket,
        loadRuntime: async () => (runtimeOptions) => composeRuntime(runtimeOptions, allHooks),
      },
    );
  });
}
process.exit();
