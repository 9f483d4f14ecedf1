import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import type { FaultKind } from './kinds.ts';
import type { Trial, TryOptions } from './subject.ts';

/** Tells a worker what to try. */
export interface Order extends Pick<TryOptions, 'wholeSuite'> {
  /** Names the fault. */
  readonly name: string;
}

/** What a worker answers to an order. */
export interface Answer {
  readonly name: string;
  /** Absent where the trial was interrupted. */
  readonly trial?: Trial;
  /** Set where the trial itself failed. */
  readonly problem?: string;
}

/** Faults leave things behind in their process, which add up: after so many trials a new worker takes over. */
const trialsPerWorker = 40;

const program = join(packageRoot(), 'dist', 'proof', 'harness', 'worker.js');

/** Processes that try faults. Disposing of the pool ends them. */
export class WorkerPool implements Disposable {
  readonly #kind: FaultKind;
  readonly #workers: Worker[];

  constructor(kind: FaultKind, processes: number) {
    this.#kind = kind;
    this.#workers = Array.from({ length: processes }, () => new Worker(kind));
  }

  /** Has the least busy worker try a fault. Resolves to undefined where it was interrupted. @throws Error */
  try(order: Order): Promise<Trial | undefined> {
    const [idlest] = this.#workers.toSorted((one, other) => one.load - other.load);
    if (idlest === undefined) throw new Error('a pool without workers tries nothing');
    const trial = idlest.try(order);
    if (idlest.tried >= trialsPerWorker) {
      this.#workers[this.#workers.indexOf(idlest)] = new Worker(this.#kind);
      idlest.retire();
    }
    return trial;
  }

  /** Makes the workers give their trials up. */
  interrupt(): void {
    for (const worker of this.#workers) worker.interrupt();
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker[Symbol.dispose]();
  }
}

interface Waiting {
  readonly resolve: (trial: Trial | undefined) => void;
  readonly reject: (error: Error) => void;
}

class Worker implements Disposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, Waiting>();
  #retired = false;
  /** How many trials it was given. */
  tried = 0;

  constructor(kind: FaultKind) {
    this.#child = fork(program, [kind]);
    this.#child.on('message', ({ name, trial, problem }: Answer) => {
      const waiting = this.#waiting.get(name);
      this.#waiting.delete(name);
      if (problem === undefined) waiting?.resolve(trial);
      else waiting?.reject(new Error(`the trial of ${name} failed: ${problem}`));
      if (this.#retired && this.#waiting.size === 0) this[Symbol.dispose]();
    });
    this.#child.once('exit', (code, signal) => {
      const reason = signal ?? `exit code ${code}`;
      const error = new Error(`a worker ended (${reason}) while it tried ${[...this.#waiting.keys()]}`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  /** How many trials are in flight. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Ends it once its trials are over. */
  retire(): void {
    this.#retired = true;
  }

  interrupt(): void {
    if (this.#child.connected) this.#child.send('interrupt');
  }

  try(order: Order): Promise<Trial | undefined> {
    this.tried += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(order.name, { resolve, reject });
      this.#child.send(order);
    });
  }

  [Symbol.dispose](): void {
    this.#waiting.clear();
    if (this.#child.connected) this.#child.disconnect();
  }
}
