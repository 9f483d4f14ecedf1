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

/** Processes that try mutants. Disposing of it ends them, and with them what they were at. */
export class WorkerPool implements Disposable {
  readonly #workers: readonly Worker[];

  constructor(processes: number) {
    this.#workers = Array.from({ length: processes }, () => new Worker());
  }

  /** Tries a mutant in the process that has least to do. @throws Error where the process ended instead */
  try(order: Order): Promise<Trial> {
    const [idlest] = this.#workers.toSorted((one, other) => one.load - other.load);
    if (idlest === undefined) throw new Error('a pool of no workers tries nothing');
    return idlest.try(order);
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

  constructor() {
    this.#child = fork(join(packageRoot(), 'dist', 'mutants', 'worker.js'));
    this.#child.on('message', ({ name, trial }: Outcome) => {
      this.#waiting.get(name)?.resolve(trial);
      this.#waiting.delete(name);
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

  try(order: Order): Promise<Trial> {
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
