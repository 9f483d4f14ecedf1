#!/usr/bin/env node
import { packageVersion } from '../base/package.ts';
import { runLong, startFast } from '../base/start-fast.ts';
import { checkHealth, serve } from './process/run.ts';

/** Milliseconds after which a process counts as long-running. Most processes that the suite starts end earlier. */
const longRunMs = 2000;

startFast();
setTimeout(runLong, longRunMs).unref();
const [command] = process.argv.slice(2);

if (command === undefined) {
  process.exitCode = await serve({ version: packageVersion() });
} else if (command === 'health') {
  process.exitCode = await checkHealth();
} else {
  process.stderr.write('mcp-runtime: the only command is "health"; without a command, the runtime serves\n');
  process.exitCode = 2;
}
process.exit();
