#!/usr/bin/env node
import { flushed } from '../../base/flushed.ts';
import { packageVersion } from '../../base/package.ts';
import { startFast } from '../../base/start-fast.ts';
import { describeSystemError } from '../../base/write-file.ts';
import { explainError } from './explain-error.ts';
import { endWithNpx, Interruption, leaveNow } from './interruption.ts';
import { makeOpener, makeTemporaryPage } from './open-file.ts';
import { runCli } from './run-cli.ts';
import { terminalKeys } from './watch/terminal-keys.ts';

startFast();

const { stdin, stdout, stderr, env } = process;

let stdoutOpen = true;
let lostOutput: NodeJS.ErrnoException | undefined;
// If the reader of the output exits early (`| head`), the run continues, because its reports and exit code still count.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  stdoutOpen = false;
  if (error.code !== 'EPIPE') lostOutput ??= error;
});
stderr.on('error', () => {});

process.on('uncaughtException', (error) => {
  stderr.write(`${explainError(error, env)}\n`);
  process.exit(3);
});

using interruption = new Interruption(process, leaveNow);
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
      // Some pseudo terminals report a width of 0.
      return stdout.columns || undefined;
    },
  },
  warn: (message) => {
    stderr.write(`${message}\n`);
  },
  environment: env,
  keys: stdin.isTTY && stdout.isTTY ? terminalKeys(stdin) : undefined,
  signal: interruption.signal,
  expectSignal: () => {
    signalExpected = true;
    interruption.disableExitDeadline();
  },
  openFile: makeOpener({ platform: process.platform, environment: env }),
  temporaryPage: makeTemporaryPage(),
});

// Exit explicitly, because a stray handle may keep the process alive although everything has been cleaned up.
await Promise.all([flushed(stdout), flushed(stderr)]);
// A file or device reports a failed write in the next turn of the event loop.
await new Promise((resolve) => setImmediate(resolve));
if (lostOutput !== undefined) {
  stderr.write(`error: cannot write to standard output: ${describeSystemError(lostOutput)}\n`);
  await flushed(stderr);
}
const complete = exitCode === 0 && lostOutput !== undefined ? 2 : exitCode;
process.exit(signalExpected ? complete : (interruption.exitCode ?? complete));
