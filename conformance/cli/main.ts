#!/usr/bin/env node
import { packageVersion } from '../../base/package.ts';
import { startFast } from '../../base/start-fast.ts';
import { endWithNpx, Interruption } from './interruption.ts';
import { explainError, runCli } from './run-cli.ts';

startFast();

const { stdout, stderr, env } = process;

let stdoutOpen = true;
// The reader went away (`| head`): the run goes on, for its reports and its exit code.
stdout.on('error', () => {
  stdoutOpen = false;
});
stderr.on('error', () => {});

process.on('uncaughtException', (error) => {
  stderr.write(`${explainError(error, env)}\n`);
  process.exit(3);
});

using interruption = new Interruption(process, (code) => process.exit(code));
using _npx = endWithNpx(
  env,
  () => process.ppid,
  () => process.kill(process.pid, 'SIGTERM'),
);

let signalExpected = false;
const exitCode = await runCli(process.argv.slice(2), {
  tool: { name: 'mcp-runtime-conformance', version: packageVersion() },
  output: {
    write: (text) => {
      if (stdoutOpen) stdout.write(text);
    },
    isTTY: stdout.isTTY === true,
    get columns() {
      return stdout.columns;
    },
  },
  warn: (message) => {
    stderr.write(`${message}\n`);
  },
  environment: env,
  signal: interruption.signal,
  expectSignal: () => {
    signalExpected = true;
  },
});

// Something may still hold the process open; what was started has been ended by now, and exit handlers do the rest.
await Promise.all([flushed(stdout), flushed(stderr)]);
process.exit(signalExpected ? exitCode : (interruption.exitCode ?? exitCode));

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
