#!/usr/bin/env node
import { packageVersion } from '../../base/package.ts';
import { startFast } from '../../base/start-fast.ts';
import { endWithNpx, Interruption } from './interruption.ts';
import { explainError, runCli } from './run-cli.ts';

startFast();

const { stdout, stderr, env } = process;

let stdoutOpen = true;
// If the reader of the output exits early (`| head`), the run continues, because its reports and exit code still count.
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

// Exit explicitly, because a stray handle may keep the process alive although everything has been cleaned up.
await Promise.all([flushed(stdout), flushed(stderr)]);
process.exit(signalExpected ? exitCode : (interruption.exitCode ?? exitCode));

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
