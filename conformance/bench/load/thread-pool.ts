import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { withDeadline } from '../../../base/deadline.ts';
import { packageRoot } from '../../../base/package.ts';
import { PreparationError } from '../workloads/call.ts';
import {
  type AnswerMessage,
  type CommandMessage,
  counters,
  type Endpoint,
  type SliceCommand,
  type ThreadCommands,
  type ThreadData,
  type ThreadSettings,
} from './commands.ts';
import type { SliceRecord } from './recorder.ts';

/** The built program of a thread. The command line is a bundle, but a thread needs a file of its own. */
const program = join(packageRoot(), 'dist/conformance/bench/load/thread.js');

/** A thread ended, or did not answer. The message is one line. */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  readonly code = 'bench-thread';
}

/** Options of the threads. */
export interface PoolOptions extends Omit<ThreadSettings, 'thread' | 'connections'> {
  /** Number of threads. */
  readonly workers: number;
  /** Number of gRPC connections of all threads together. */
  readonly connections: number;
  /** A prefix of the names of the threads. */
  readonly name: string;
}

/** Time limit of commands in addition to that of the calls, in milliseconds. */
const graceMs = 10_000;

/** The threads that generate load. Disposing ends them. */
export class ThreadPool implements AsyncDisposable {
  readonly #threads: readonly Thread[];
  readonly #deadlineMs: number;

  constructor({ workers, connections, name, ...settings }: PoolOptions) {
    this.#deadlineMs = settings.deadlineMs;
    this.#threads = Array.from({ length: workers }, (_, index) => {
      const own = Math.max(1, shareOf(connections, index, workers));
      return new Thread({ ...settings, connections: own, thread: `${name}-${index}` });
    });
  }

  /** Number of measured operations and errors so far. */
  get progress(): { readonly operations: number; readonly errors: number } {
    const sum = (at: number) =>
      this.#threads.reduce((total, { shared }) => total + Atomics.load(shared, at), 0);
    return { operations: sum(counters.operations), errors: sum(counters.errors) };
  }

  /** Opens a variant for `users` users, spread over the threads. @throws PreparationError, ThreadError */
  async open(variant: string, endpoint: Endpoint, users: number): Promise<void> {
    const limitMs = 3 * this.#deadlineMs + graceMs;
    await this.#each((thread, index) =>
      thread.run('open', [variant, endpoint, shareOf(users, index, this.#threads.length)], limitMs),
    );
  }

  /** Prepares a workload. @throws PreparationError, ThreadError */
  async ready(variant: string, workload: string): Promise<void> {
    // A workload may make several calls for each user.
    const limitMs = 60_000 + this.#deadlineMs + graceMs;
    await this.#each((thread) => thread.run('ready', [variant, workload], limitMs));
  }

  /** Generates load. @param loadOf returns the part of a thread. @throws ThreadError */
  async slice(
    command: Omit<SliceCommand, 'load'>,
    loadOf: (thread: number, threads: number) => SliceCommand['load'],
  ): Promise<readonly SliceRecord[]> {
    const durationMs = command.measureAt + command.parts * command.partMs - Date.now();
    const limitMs = Math.max(0, durationMs) + this.#deadlineMs + graceMs;
    return this.#each((thread, index) =>
      thread.run('slice', [{ ...command, load: loadOf(index, this.#threads.length) }], limitMs),
    );
  }

  async release(variant: string, workload: string): Promise<void> {
    await this.#each((thread) => thread.run('release', [variant, workload], graceMs));
  }

  async close(variant: string): Promise<void> {
    await this.#each((thread) => thread.run('close', [variant], graceMs));
  }

  /** Ends the current slice early. */
  stop(): void {
    for (const thread of this.#threads) thread.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread[Symbol.asyncDispose]()));
  }

  #each<T>(run: (thread: Thread, index: number) => Promise<T>): Promise<readonly T[]> {
    return Promise.all(this.#threads.map(run));
  }
}

/** Returns the share of one of several threads in an amount. */
function shareOf(amount: number, index: number, threads: number): number {
  return Math.floor(amount / threads) + (index < amount % threads ? 1 : 0);
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

class Thread implements AsyncDisposable {
  readonly shared: Int32Array;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #ended: ThreadError | undefined;

  constructor(settings: ThreadSettings) {
    const buffer = new SharedArrayBuffer(counters.length * Int32Array.BYTES_PER_ELEMENT);
    this.shared = new Int32Array(buffer);
    const workerData: ThreadData = { settings, counters: buffer };
    this.#worker = new Worker(program, { workerData });
    this.#worker.on('message', (answer: AnswerMessage) => this.#onAnswer(answer));
    this.#worker.on('error', (error) => this.#end(`a thread of the load generator failed: ${error.message}`));
    this.#worker.on('exit', () => this.#end('a thread of the load generator ended'));
  }

  async run<Name extends keyof ThreadCommands>(
    name: Name,
    args: Parameters<ThreadCommands[Name]>,
    limitMs: number,
  ): Promise<Awaited<ReturnType<ThreadCommands[Name]>>> {
    if (this.#ended !== undefined) throw this.#ended;
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    // The arguments fit the name, which the parameters of this method ensure.
    this.#worker.postMessage({ id, name, args } as CommandMessage);
    const late = () => new ThreadError(`a thread of the load generator did not answer to ${name}`);
    const result = await withDeadline(answer, limitMs, late);
    return result as Awaited<ReturnType<ThreadCommands[Name]>>;
  }

  stop(): void {
    this.#worker.postMessage('stop');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #onAnswer(answer: AnswerMessage): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.kind === 'result') pending?.resolve(answer.result);
    else if (answer.code === 'internal') pending?.reject(new ThreadError(answer.message));
    else pending?.reject(new PreparationError(answer.message));
  }

  #end(reason: string): void {
    this.#ended ??= new ThreadError(reason);
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }
}
