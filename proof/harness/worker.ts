import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FaultKind } from './kinds.ts';
import type { Trial } from './subject.ts';

/** A trial for a worker to run. */
export interface Order {
  readonly name: string;
  readonly wholeSuite: boolean;
}

/** Message from a worker: the trial, the problem that prevented it, or neither if the trial was interrupted. */
export interface Answer {
  readonly trial?: Trial;
  readonly problem?: string;
}

const program = fileURLToPath(import.meta.resolve('./worker-process.js'));

/** A child process that runs one trial at a time. Disposal ends the process. */
export class Worker implements Disposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  /** @param signal interrupts the current trial */
  constructor(kind: FaultKind, signal: AbortSignal) {
    this.#child = fork(program, [kind]);
    signal.addEventListener('abort', () => this.#child.connected && this.#child.send('interrupt'));
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`a worker process exited (${signal ?? `exit code ${code}`})`);
    });
    this.#ended.catch(() => undefined);
  }

  /** Runs a trial. Resolves to undefined if it was interrupted. @throws Error if it could not run */
  async try(order: Order): Promise<Trial | undefined> {
    this.#child.send(order);
    const [{ trial, problem }] = (await Promise.race([once(this.#child, 'message'), this.#ended])) as [
      Answer,
    ];
    if (problem !== undefined) throw new Error(`could not run the trial ${order.name}: ${problem}`);
    return trial;
  }

  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
