import { connect } from 'node:net';
import { type Address, type Instance, type LaunchOptions, RunnerError } from '../runner.ts';

/** A minimal target: echoes on the socket named by its environment, and exits on SIGTERM. */
export const echoTarget = `
const net = require('node:net');
const path = process.env.MCP_RUNTIME_GRPC_UDS || process.env.MCP_RUST_GRPC_UDS;
const server = net.createServer((caller) => caller.on('error', () => {}).pipe(caller));
server.listen(path, () => { require('node:fs').chmodSync(path, 0o600); console.log('listening'); });
server.on('error', (error) => { console.error(error.code); process.exit(1); });
process.on('SIGTERM', () => { console.log('stopping'); process.exit(0); });
`;

/** A target that never listens. */
export const idleTarget = 'console.log("idle"); setInterval(() => {}, 1000);';

/** Returns launch options whose signal is never aborted. */
export function unaborted(): LaunchOptions {
  return { signal: new AbortController().signal };
}

/** Sends a byte and returns whether the target echoes it. */
export function echoes(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket =
      address.kind === 'unix' ? connect(address.path) : connect({ host: address.host, port: address.port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('data', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.write('x');
  });
}

/** Waits until a target echoes, up to the timeout of the test. */
export async function untilEchoes(instance: Instance): Promise<void> {
  while (!(await echoes(instance.address))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits for a log line that contains `text`, up to the timeout of the test, and returns it. */
export async function untilLogged(instance: Instance, text: string): Promise<string> {
  for (;;) {
    const line = instance.logs
      .last(Number.MAX_SAFE_INTEGER)
      .find((candidate) => candidate.text.includes(text));
    if (line !== undefined) {
      return line.text;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Returns the RunnerError with which a promise or a function fails. */
export async function runnerError(action: Promise<unknown> | (() => unknown)): Promise<RunnerError> {
  try {
    await (typeof action === 'function' ? action() : action);
  } catch (error) {
    if (error instanceof RunnerError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}
