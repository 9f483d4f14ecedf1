import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../conformance/index.ts';
import type { Trial } from './matrix.ts';
import type { TrialOptions } from './trial.ts';

/** What a worker is told to try, and how. */
export interface Order extends Pick<TrialOptions, 'ownClauseOnly' | 'caseTimeoutMs'> {
  /** The mutant's. */
  readonly name: string;
}

/** What a worker answers. */
export interface Outcome {
  readonly name: string;
  readonly trial: Trial;
}

/** What a fault leaves behind in a process adds up: after so many mutants another one takes over. */
const mutantsOfAWorker = 40;

/** Processes that try mutants. Disposing of it ends them, and with them what they were at. */
export class WorkerPool implements Disposable {
  readonly #workers: Worker[];

  constructor(processes: number) {
    this.#workers = Array.from({ length: processes }, () => new Worker());
  }

  /** Tries a mutant in the process that has least to do. @throws Error where the process ended instead */
  try(order: Order): Promise<Trial> {
    const [idlest] = this.#workers.toSorted((one, other) => one.load - other.load);
    if (idlest === undefined) throw new Error('a pool of no workers tries nothing');
    const trial = idlest.try(order);
    if (idlest.tried >= mutantsOfAWorker) {
      this.#workers[this.#workers.indexOf(idlest)] = new Worker();
      idlest.retire();
    }
    return trial;
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker[Symbol.dispose]();
  }
}

interface Waiting {
  readonly resolve: (trial: Trial) => void;
  readonly reject: (error: Error) => void;
}

class Worker implements Disposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, Waiting>();
  #retired = false;
  /** How many mutants it was given. */
  tried = 0;

  constructor() {
    this.#child = fork(join(packageRoot(), 'dist', 'mutants', 'worker.js'));
    this.#child.on('message', ({ name, trial }: Outcome) => {
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

  /** How many mutants it is at. */
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
