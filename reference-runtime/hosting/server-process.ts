import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { withTimeLimit } from '../../base/deadline.ts';
import { LineSplitter } from './line-splitter.ts';

/** Milliseconds to wait for the end of the output of a process that has exited. */
const outputMs = 500;

/** Maximum length of a line on stderr, in bytes. */
const maxLogLineBytes = 16 * 1024;

/** How a process ended: with an exit code or by a signal. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Options of a server process. */
export interface ServerProcessOptions {
  /** The program: a path, or a name on PATH. */
  readonly file: string;
  readonly args: readonly string[];
  /** The working directory. Undefined: that of this process. */
  readonly cwd: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Maximum size of a message from the server, in bytes. */
  readonly maxMessageBytes: number;
  /** Milliseconds between the end of stdin and SIGTERM, and between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

/** Receives the output of a server process. */
export interface ServerProcessListener {
  onMessage(line: string): void;
  /** Called for a line on stdout that is longer than `maxMessageBytes`. */
  onTooLong(): void;
  onLog(line: string): void;
  /** Called once, after all output has been read. */
  onExit(exit: ProcessExit): void;
}

/** A process that speaks the stdio transport of MCP: one message per line. It has its own process group. */
export class ServerProcess {
  /** Resolves when the process and its group have ended. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #graceMs: number;
  #isRunning = true;
  #ending: Promise<void> | undefined;

  private constructor(child: ChildProcessWithoutNullStreams, options: ServerProcessOptions) {
    this.#child = child;
    this.#graceMs = options.graceMs;
    // A process that exits early does not read everything. Its exit is reported separately.
    child.stdin.on('error', () => undefined);
    child.on('error', () => undefined);
    this.exited = this.#exit();
  }

  /** Starts a process. @throws Error with a `code` such as ENOENT if the program cannot be started */
  static async start(options: ServerProcessOptions, listener: ServerProcessListener): Promise<ServerProcess> {
    const { file, args, cwd, environment } = options;
    const child = spawn(file, [...args], { cwd, env: { ...environment }, detached: true, stdio: 'pipe' });
    const messages = new LineSplitter({
      maxBytes: options.maxMessageBytes,
      onLine: (line) => listener.onMessage(line),
      onTooLong: () => listener.onTooLong(),
    });
    const logs = new LineSplitter({
      maxBytes: maxLogLineBytes,
      onLine: (line) => listener.onLog(line),
      onTooLong: () => listener.onLog('(a line that is too long)'),
    });
    child.stdout.on('data', (bytes: Buffer) => messages.write(bytes));
    child.stderr.on('data', (bytes: Buffer) => logs.write(bytes));
    await once(child, 'spawn');
    const started = new ServerProcess(child, options);
    void started.exited.then((exit) => {
      messages.end();
      logs.end();
      listener.onExit(exit);
    });
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether the process has been asked to end. */
  get isEnding(): boolean {
    return this.#ending !== undefined || !this.#isRunning;
  }

  /** The number of bytes that the process has not read yet. */
  get unreadBytes(): number {
    return this.#child.stdin.writableLength;
  }

  /** Writes one message. @param line a message without line breaks */
  send(line: string): void {
    if (this.#isRunning && this.#ending === undefined) this.#child.stdin.write(`${line}\n`);
  }

  /** Ends the process: closes its stdin, then sends SIGTERM, then SIGKILL. Further calls return the same promise. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** Kills the process group immediately. */
  kill(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group has ended.
    }
  }

  async #end(): Promise<void> {
    this.#child.stdin.end();
    if ((await withTimeLimit(this.exited, this.#graceMs)) !== undefined) return;
    this.kill('SIGTERM');
    if ((await withTimeLimit(this.exited, this.#graceMs)) !== undefined) return;
    this.kill('SIGKILL');
    await this.exited;
  }

  /** Waits for the exit. Then kills what is left of the group, and waits for the end of the output. */
  async #exit(): Promise<ProcessExit> {
    const child = this.#child;
    const closed = new Promise((resolve) => child.once('close', resolve));
    const exit = await new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.#isRunning = false;
    this.kill();
    await withTimeLimit(closed, outputMs);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    return exit;
  }
}
