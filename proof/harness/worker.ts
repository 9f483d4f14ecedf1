import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FaultKind } from './kinds.ts';
import type { Trial } from './subject.ts';

/** Tells a worker which fault to try, and on which cases. */
export interface Order {
  readonly name: string;
  readonly wholeSuite: boolean;
}

/** What a worker answers: nothing where the trial was interrupted, the problem where it could not be carried out. */
export interface Answer {
  readonly trial?: Trial;
  readonly problem?: string;
}

const program = fileURLToPath(import.meta.resolve('./worker-process.js'));

/** A process that tries one fault after the other. Disposing of it ends the process. */
export class Worker implements Disposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  /** @param signal makes the worker give its trial up */
  constructor(kind: FaultKind, signal: AbortSignal) {
    this.#child = fork(program, [kind]);
    signal.addEventListener('abort', () => this.#child.connected && this.#child.send('interrupt'));
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`a worker ended (${signal ?? `exit code ${code}`})`);
    });
    this.#ended.catch(() => undefined);
  }

  /** Resolves to undefined where the trial was interrupted. @throws Error where it could not be carried out */
  async try(order: Order): Promise<Trial | undefined> {
    this.#child.send(order);
    const [{ trial, problem }] = (await Promise.race([once(this.#child, 'message'), this.#ended])) as [
      Answer,
    ];
    if (problem !== undefined) throw new Error(`could not try ${order.name}: ${problem}`);
    return trial;
  }

  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
