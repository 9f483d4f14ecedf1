import { createHash } from 'node:crypto';
import { RequestRefused, refused } from '../failures/request-refused.ts';
import { loadSdk } from '../mcp/sdk.ts';
import type { ServerLink, ServerPort, ServerSource, SessionContext } from '../mcp/server-link.ts';
import type { Logger } from '../options.ts';
import { ServerProcess, type ServerProcessListener, type ServerProcessOptions } from './server-process.ts';
import { StdioLink } from './stdio-link.ts';

/** Options of `stdioServer`. */
export interface StdioServerOptions {
  /** The program: a path, or a name on PATH. */
  readonly file: string;
  readonly args?: readonly string[];
  /** The working directory of the processes. Default: that of this process. */
  readonly cwd?: string;
  /** The environment of the processes. Default: that of this process, without the variables of the runtime. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Maximum number of processes, including those that are ending. Default: 100. */
  readonly maxProcesses?: number;
  /** Maximum size of a message from a server, in bytes. A larger one ends the session. Default: 64 MiB. */
  readonly maxMessageBytes?: number;
  /** Milliseconds that a server may take to answer `initialize`. Default: 60000. */
  readonly startMs?: number;
  /** Milliseconds between the end of stdin and SIGTERM, and between SIGTERM and SIGKILL. Default: 2000. */
  readonly graceMs?: number;
}

/** A stdio MCP server as an option of `createRuntime`. */
export interface StdioServer {
  /** Internal: creates the source of the servers of a runtime. */
  source(shared: { readonly logger: Logger }): ServerSource;
}

const mebibyte = 1024 * 1024;

/**
 * Serves an MCP server that speaks the stdio transport: `createRuntime({ server: stdioServer({ file, args }) })`. Each
 * session has its own process. When the session ends, its stdin is closed, and then it gets SIGTERM and SIGKILL.
 */
export function stdioServer(options: StdioServerOptions): StdioServer {
  return { source: ({ logger }) => new StdioSource(options, logger) };
}

class StdioSource implements ServerSource {
  readonly #options: StdioServerOptions;
  readonly #process: ServerProcessOptions;
  readonly #logger: Logger;
  readonly #processes = new Set<ServerProcess>();
  #starting = 0;
  #closed = false;
  readonly #killAll = () => {
    for (const process of this.#processes) process.kill();
  };

  constructor(options: StdioServerOptions, logger: Logger) {
    const { file, args = [], cwd, environment = ownEnvironment() } = options;
    const { maxMessageBytes = 64 * mebibyte, graceMs = 2000 } = options;
    this.#options = options;
    this.#process = { file, args, cwd, environment, maxMessageBytes, graceMs };
    this.#logger = logger;
    // An exit without `close`, such as after an uncaught exception, must not leave processes behind.
    process.once('exit', this.#killAll);
  }

  async open(context: SessionContext, port: ServerPort): Promise<ServerLink> {
    const { startMs = 60_000 } = this.#options;
    const session = labelOf(context.sessionId);
    const logger = this.#logger;
    await this.#room();
    this.#starting += 1;
    try {
      const sdk = await loadSdk();
      const start = (listener: ServerProcessListener) => this.#start(listener);
      return await StdioLink.start({ sdk, session, logger, port, startMs, start });
    } catch (error) {
      if (error instanceof RequestRefused) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      logger.error({ session, file: this.#options.file, code }, 'the MCP server could not be started');
      throw refused(
        'UPSTREAM_ERROR',
        'server_not_started',
        'The MCP server of the session could not be started',
      );
    } finally {
      this.#starting -= 1;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#processes].map((process) => process.end()));
    process.off('exit', this.#killAll);
  }

  async #start(listener: ServerProcessListener): Promise<ServerProcess> {
    const started = await ServerProcess.start(this.#process, listener);
    if (this.#closed) {
      started.kill();
      throw refused('UNAVAILABLE', 'runtime_stopping', 'The runtime is stopping');
    }
    this.#processes.add(started);
    void started.exited.then(() => this.#processes.delete(started));
    return started;
  }

  /** Waits until another process may start. @throws RequestRefused 429 if only the end of a session makes room */
  async #room(): Promise<void> {
    const { maxProcesses = 100 } = this.#options;
    while (this.#processes.size + this.#starting >= maxProcesses) {
      const ending = [...this.#processes].filter((process) => process.isEnding);
      if (ending.length === 0) {
        const message = 'Too many sessions: close some, or try again later';
        throw refused('RATE_LIMITED', 'too_many_processes', message);
      }
      await Promise.race(ending.map((process) => process.exited));
    }
  }
}

/** Returns a label of a session for the log. The id itself would let its owner's session be used. */
function labelOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex').slice(0, 8);
}

/** Variables of the runtime itself. A server that is a runtime, too, must not use the same socket. */
const ownVariable = /^MCP_(RUNTIME_|RUST_GRPC_UDS$)/;

function ownEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ownVariable.test(name)));
}
