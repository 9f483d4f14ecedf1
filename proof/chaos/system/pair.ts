import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect, createServer, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { Clock, clocksAreFixed } from './clock.ts';
import { Disk } from './disk.ts';
import { audience, issuer } from './issuer.ts';
import { markVariable } from './process-table.ts';
import type { Program, RuntimeKind } from './runtime-program.ts';
import { type ProcessWatch, SupervisedProcess } from './supervised-process.ts';

/** The roles of the processes of a pair. */
export type Role = 'gateway' | 'runtime';

/** The parts of a pair, and their place. */
export interface PairOptions {
  readonly index: number;
  /** The folder of the run. */
  readonly folder: string;
  readonly keyFile: string;
  /** Marks all processes of the run. */
  readonly mark: string;
  readonly kind: RuntimeKind;
  readonly runtime: Program;
  readonly gateway: Program;
  readonly watch: ProcessWatch;
}

/** The deadline of a call through the gateway, in milliseconds. */
export const gatewayDeadlineMs = 5_000;
/** The time that a gateway waits for an unavailable runtime, in milliseconds. */
export const gatewayConnectMs = 2_000;

const firstPort = 20_000;
const ports = 6_000;

/** A gateway and its runtime, with a disk of their own. */
export class Pair implements AsyncDisposable {
  readonly index: number;
  readonly kind: RuntimeKind;
  readonly gateway: SupervisedProcess;
  readonly runtime: SupervisedProcess;
  readonly socketPath: string;
  readonly port: number;
  readonly disk: Disk;
  readonly #clocks: Readonly<Record<Role, Clock>>;

  private constructor({ folder, ...options }: PairOptions, port: number, disk: Disk) {
    const number = options.index + 1;
    this.index = options.index;
    this.kind = options.kind;
    this.port = port;
    this.disk = disk;
    this.socketPath = join(disk.path, 'runtime.sock');
    const names = { gateway: `gateway ${number}`, runtime: `runtime ${number} (${options.kind})` };
    this.#clocks = {
      gateway: new Clock(folder, `gateway-${number}`),
      runtime: new Clock(folder, `runtime-${number}`),
    };
    const environment = {
      PATH: process.env['PATH'] ?? '',
      TMPDIR: join(disk.path, 'tmp'),
      [markVariable]: options.mark,
    };
    this.runtime = new SupervisedProcess(
      {
        name: names.runtime,
        ...options.runtime,
        environment: {
          ...environment,
          ...(this.clockProblem('runtime') === undefined && this.#clocks.runtime.environment),
          MCP_RUNTIME_GRPC_UDS: this.socketPath,
          MCP_RUNTIME_LOG_LEVEL: 'warn',
        },
        accepts: () => accepts({ path: this.socketPath }),
      },
      options.watch,
    );
    this.gateway = new SupervisedProcess(
      {
        name: names.gateway,
        file: options.gateway.file,
        args: [
          ...options.gateway.args,
          ...['--listen', `127.0.0.1:${port}`, '--socket', this.socketPath],
          ...['--jwks', options.keyFile, '--issuer', issuer, '--audience', audience],
          ...['--deadline', `${gatewayDeadlineMs / 1_000}`, '--audit-log', join(disk.path, 'audit.log')],
        ],
        environment: { ...environment, ...this.#clocks.gateway.environment },
        accepts: () => accepts({ port, host: '127.0.0.1' }),
      },
      options.watch,
    );
  }

  /** Starts a pair. */
  static async start(options: PairOptions): Promise<Pair> {
    const disk = await Disk.make(join(options.folder, `disk-${options.index + 1}`));
    await mkdir(join(disk.path, 'tmp'));
    const pair = new Pair(options, await freePort(), disk);
    await Promise.all([pair.runtime.start(), pair.gateway.start()]);
    return pair;
  }

  /** The MCP endpoint. */
  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}/mcp`);
  }

  /** Returns why the clock of a process cannot be changed, or undefined if it can. */
  clockProblem(role: Role): string | undefined {
    if (role === 'runtime' && this.kind !== 'typescript') {
      return `the runtime in ${this.kind} is a static program, which reads the clock of the machine`;
    }
    return clocksAreFixed();
  }

  /** Lets the clock of a process jump. */
  setClock(role: Role, offsetSeconds: number): void {
    this.#clocks[role].set(offsetSeconds);
  }

  /** Returns the process with a role. */
  process(role: Role): SupervisedProcess {
    return role === 'gateway' ? this.gateway : this.runtime;
  }

  /** Stops both processes. The disk stays, so that its remaining files can be checked. */
  async stop(): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    await this.runtime[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.disk[Symbol.asyncDispose]();
  }
}

function accepts(address: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const settle = (isAccepted: boolean) => {
      socket.destroy();
      resolve(isAccepted);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    // A stopped process does not accept connections, so its queue can be full and the attempt stays pending.
    socket.setTimeout(1_000, () => settle(false));
  });
}

/**
 * Returns a port that a gateway can keep across restarts. It is below the ports of outgoing connections (on Linux, from
 * 32768), because such a connection could take it while the gateway is down.
 */
async function freePort(): Promise<number> {
  for (let port = firstPort + (process.pid % ports); ; port += 1) {
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return port;
    } catch (error) {
      if (port >= firstPort + 2 * ports) throw error;
    } finally {
      server.close();
    }
  }
}
