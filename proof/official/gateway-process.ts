import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../base/package.ts';

const startMs = 60_000;
const stopMs = 15_000;

/** A gateway process with the runtime that it has started. */
export interface GatewayProcess extends AsyncDisposable {
  /** The MCP endpoint. */
  readonly url: string;
}

/**
 * Starts `mcp-runtime-conformance gateway` on a free port and waits until it listens.
 * @param words arguments that select the runtime, such as `--image`, `my-runtime:latest`
 * @throws Error with the stderr of the gateway if it does not start to listen
 */
export async function startGateway(words: readonly string[]): Promise<GatewayProcess> {
  const program = join(packageRoot(), 'dist', 'cli', 'main.js');
  const child = spawn(process.execPath, [program, 'gateway', '--listen', '127.0.0.1:0', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await ended;
    clearTimeout(timer);
  };
  const written: string[] = [];
  child.stderr.on('data', (bytes: Buffer) => written.push(bytes.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), startMs);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^listening on (\S+)$/.exec(line)?.[1];
      if (url !== undefined) return { url, [Symbol.asyncDispose]: stop };
    }
  } finally {
    clearTimeout(timer);
  }
  await ended;
  throw new Error(`the gateway did not start to listen: ${written.join('').trim()}`);
}
