import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { withTimeLimit } from '../../../base/deadline.ts';

/** A program that the supervisor starts, and restarts when it ends. */
export interface ProcessSpec {
  /** A name for messages, such as `gateway 1`. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Resolves to whether the process accepts connections. */
  readonly accepts: () => Promise<boolean>;
}

/** Receives the events of a process. */
export interface ProcessWatch {
  /** Called when a process has ended. `cause` is the signal with which the supervisor ended it, if it did. */
  ended(name: string, ending: Ending, cause: EndSignal | undefined): void;
  /** Called if a process did not end, or was not ready, within its time limit. */
  late(name: string, text: string): void;
  /** Called with each line on stdout or stderr. */
  wrote(name: string, line: string): void;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The signals with which the supervisor ends processes. */
export type EndSignal = 'SIGTERM' | 'SIGKILL';

/** Time limits for the end after a signal, and for the start, in milliseconds. They allow for a busy machine. */
const endMs = 20_000;
const readyMs = 30_000;
const pollMs = 25;

/** Keeps a process running: restarts it whenever it ends, for any reason. */
export class SupervisedProcess implements AsyncDisposable {
  readonly #spec: ProcessSpec;
  readonly #watch: ProcessWatch;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #cause: EndSignal | undefined;
  #restartMs = 0;
  #lives = 0;
  #isStopping = false;
  /** The ids of all processes that the supervisor has started. */
  readonly pids = new Set<number>();
  /** Whether an end before the process is ready is a consequence of a disturbance, such as a full disk. */
  mayFailToStart = false;

  constructor(spec: ProcessSpec, watch: ProcessWatch) {
    this.#spec = spec;
    this.#watch = watch;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** The id of the running process. Undefined between an end and the next start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Grows when the supervisor decides to end the process, and again when the process has ended. */
  get lives(): number {
    return this.#lives;
  }

  /** Starts the process and waits until it accepts connections. */
  async start(): Promise<void> {
    this.#spawn();
    await this.ready();
  }

  /** Waits until the process accepts connections. Reports a process that does not do so in time. */
  async ready(): Promise<void> {
    const limit = performance.now() + readyMs;
    while (!this.#isStopping && performance.now() < limit) {
      if (this.#child !== undefined && (await this.#spec.accepts())) return;
      await pause(pollMs);
    }
    if (this.#isStopping) return;
    this.#watch.late(this.name, `${this.name} was not ready ${readyMs / 1_000} s after its start`);
  }

  /** Sends a signal that does not end the process. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /**
   * Ends the process and waits for its end. The supervisor starts it again.
   * @param restartMs milliseconds until it starts again
   */
  async end(signal: EndSignal, restartMs: number): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#lives += 1;
    this.#cause = signal;
    this.#restartMs = restartMs;
    child.kill(signal);
    await this.#waitForEnd(child);
  }

  /** Stops the process for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child === undefined) return;
    this.#cause = 'SIGTERM';
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    await this.#waitForEnd(child);
  }

  async #waitForEnd(child: ChildProcess): Promise<void> {
    const ended = this.#ended.then(() => true);
    if (await withTimeLimit(ended, endMs)) return;
    this.#watch.late(this.name, `${this.name} did not end ${endMs / 1_000} s after ${this.#cause}`);
    this.#cause = 'SIGKILL';
    child.kill('SIGKILL');
    await ended;
  }

  #spawn(): void {
    const { file, args, environment, name } = this.#spec;
    const child = spawn(file, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    if (child.pid !== undefined) this.pids.add(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#watch.wrote(name, line));
    }
    child.once('error', (error) => this.#watch.wrote(name, `cannot start ${file}: ${error.message}`));
    this.#ended = once(child, 'exit').then(
      ([code, signal]) => this.#hasEnded({ code, signal }),
      () => this.#hasEnded({ code: null, signal: null }),
    );
  }

  #hasEnded(ending: Ending): void {
    const cause = this.#cause;
    this.#child = undefined;
    this.#lives += 1;
    this.#cause = undefined;
    const isExcused = cause === undefined && this.mayFailToStart && ending.signal === null;
    if (!isExcused) this.#watch.ended(this.name, ending, cause);
    if (this.#isStopping) return;
    const restartMs = isExcused ? 200 : this.#restartMs;
    this.#restartMs = 0;
    setTimeout(() => {
      if (!this.#isStopping) this.#spawn();
    }, restartMs);
  }
}
