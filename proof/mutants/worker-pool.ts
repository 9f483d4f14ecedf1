import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../conformance/index.ts';
import type { TrialOptions } from './trial.ts';

/** What a worker is told to try, and how. */
export interface Order extends Pick<TrialOptions, 'ownClauseOnly' | 'caseTimeoutMs'> {
  /** That of a mutant or a variation. */
  readonly name: string;
}

/** What a worker answers. */
export interface Outcome<Trial> {
  readonly name: string;
  readonly trial: Trial;
}

/** What a fault leaves behind in a process adds up: after so many trials another one takes over. */
const trialsOfAWorker = 40;

/** Processes that try changed runtimes. Disposing of it ends them, and with them what they were at. */
export class WorkerPool<Trial> implements Disposable {
  readonly #module: string;
  readonly #workers: Worker<Trial>[];

  /** @param module what the workers are, below `dist/proof`: it answers each `Order` with an `Outcome` */
  constructor(module: string, processes: number) {
    this.#module = join(packageRoot(), 'dist', 'proof', module);
    this.#workers = Array.from({ length: processes }, () => new Worker<Trial>(this.#module));
  }

  /** Has something tried in the process that has least to do. @throws Error where the process ended instead */
  try(order: Order): Promise<Trial> {
    const [idlest] = this.#workers.toSorted((one, other) => one.load - other.load);
    if (idlest === undefined) throw new Error('a pool of no workers tries nothing');
    const trial = idlest.try(order);
    if (idlest.tried >= trialsOfAWorker) {
      this.#workers[this.#workers.indexOf(idlest)] = new Worker(this.#module);
      idlest.retire();
    }
    return trial;
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker[Symbol.dispose]();
  }
}

interface Waiting<Trial> {
  readonly resolve: (trial: Trial) => void;
  readonly reject: (error: Error) => void;
}

class Worker<Trial> implements Disposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, Waiting<Trial>>();
  #retired = false;
  /** How many trials it was given. */
  tried = 0;

  constructor(module: string) {
    this.#child = fork(module);
    this.#child.on('message', ({ name, trial }: Outcome<Trial>) => {
      this.#waiting.get(name)?.resolve(trial);
      this.#waiting.delete(name);
      if (this.#retired && this.#waiting.size === 0) this[Symbol.dispose]();
    });
    this.#child.once('exit', (code, signal) => {
      const error = new Error(
        `a worker ended (${signal ?? `exit code ${code}`}) at ${[...this.#waiting.keys()]}`,
      );
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  /** How many trials it is at. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Ends it when it is through with what it is at. */
  retire(): void {
    this.#retired = true;
  }

  try(order: Order): Promise<Trial> {
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
