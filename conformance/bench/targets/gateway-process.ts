import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../../base/package.ts';
import { mergeEnvironment } from '../../../runners/environment/socket-environment.ts';
import { startProcess } from '../../../runners/process/instance.ts';
import { type Address, type Instance, RunnerError } from '../../../runners/runner.ts';
import { makeFolderPlace } from '../../../runners/socket-place.ts';
import type { BenchTransport } from '../report.ts';

/** A running gateway of the kit. Disposing of it ends the process. */
export interface GatewayProcess extends AsyncDisposable {
  readonly address: Address;
  readonly instance: Instance;
}

/** Options of a gateway. */
export interface GatewayOptions {
  /** The socket of the runtime for this transport. */
  readonly socketPath: string;
  readonly transport: BenchTransport;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
}

const pollMs = 20;

/**
 * Starts the gateway of the kit as a process of its own, so that it shares no thread with the load generator.
 * @throws RunnerError `not-started`
 */
export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
  const { socketPath, transport } = options;
  const program = join(packageRoot(), 'dist/cli/main.js');
  const words = ['--socket', socketPath, '--transport', transport, '--listen', '127.0.0.1:0'];
  const instance = await startProcess({
    file: process.execPath,
    args: ['--', program, 'gateway', ...words, '--anonymous', 'allow'],
    environment: mergeEnvironment(process.env),
    // The gateway does not bind a socket, but `startProcess` needs a folder.
    place: await makeFolderPlace(),
    ownsPlace: true,
    variables: [],
  });
  try {
    const address = await addressOf(instance, options);
    return { address, instance, [Symbol.asyncDispose]: () => instance[Symbol.asyncDispose]() };
  } catch (error) {
    await instance[Symbol.asyncDispose]();
    throw error;
  }
}

/** Waits until the gateway prints its address. @throws RunnerError */
async function addressOf(instance: Instance, { readyTimeoutMs, signal }: GatewayOptions): Promise<Address> {
  let hasExited = false as boolean;
  void instance.exit.then(() => {
    hasExited = true;
  });
  const deadline = performance.now() + readyTimeoutMs;
  while (performance.now() < deadline && !hasExited) {
    signal.throwIfAborted();
    const output = instance.logs.last(20).map(({ text }) => text);
    const [, host, port] = /^listening on http:\/\/([\d.]+):(\d+)\/mcp$/m.exec(output.join('\n')) ?? [];
    if (host !== undefined) return { kind: 'tcp', host, port: Number(port) };
    await Promise.race([instance.exit, pause(pollMs)]);
  }
  const last = instance.logs.last(1)[0]?.text ?? 'it wrote nothing';
  throw new RunnerError(
    'not-started',
    `The gateway did not start: ${last}`,
    'Fix the cause in this message, or raise --ready-timeout. In a checkout of the kit, run npm run build first.',
  );
}
