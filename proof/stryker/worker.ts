import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Coverage } from './coverage.ts';
import type { Detection } from './trial.ts';

/** A task for a worker: cover the suite, or try a mutant with some cases, hosted or in a process of its own. */
export type Order =
  | { readonly kind: 'cover' }
  | {
      readonly kind: 'hosted' | 'process';
      readonly mutant: string;
      /** Ids of the cases, in the order in which to run them. */
      readonly cases: readonly string[];
      /** How often the mutant may be reached before it counts as an endless loop. */
      readonly hitLimit?: number;
    };

/** The result of a task, or the problem that prevented it. */
export interface Answer {
  readonly coverage?: Coverage;
  readonly detection?: Detection;
  /** Whether an error was not handled, which would end the process of a runtime. */
  readonly crashed?: boolean;
  readonly problem?: string;
}

/** Interval in milliseconds at which a worker reports that its event loop still runs. */
export const aliveMs = 500;
/** Time in milliseconds without such a report after which a worker counts as hanging. */
const silentMs = 20_000;

const program = fileURLToPath(import.meta.resolve('./worker-process.js'));

/** A child process that carries out one task at a time. Disposal ends the process. */
export class Worker implements Disposable {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(program, [], { execArgv: ['--max-old-space-size=1024'] });
  }

  /**
   * Carries out a task. If the worker hangs or exits, the mutant counts as detected, because a runtime with the mutant
   * would do the same. The worker cannot be used again then.
   * @throws Error if the task could not be carried out
   */
  async carryOut(order: Order): Promise<Answer> {
    const child = this.#child;
    let resolve: (answer: Answer) => void = () => undefined;
    const promise = new Promise<Answer>((settle) => {
      resolve = settle;
    });
    let watchdog: NodeJS.Timeout | undefined;
    const expectSign = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        child.kill('SIGKILL');
        resolve({ detection: { by: 'hang', summary: 'the runtime hangs' } });
      }, silentMs);
    };
    const onMessage = (message: Answer | 'alive') => {
      if (message === 'alive') expectSign();
      else resolve(message);
    };
    const onExit = () => resolve({ detection: { by: 'exit', summary: 'the process of the runtime exits' } });
    child.on('message', onMessage).once('exit', onExit);
    child.send(order);
    expectSign();
    const answer = await promise;
    clearTimeout(watchdog);
    child.off('message', onMessage).off('exit', onExit);
    if (answer.problem !== undefined) throw new Error(`a trial could not run: ${answer.problem}`);
    return answer;
  }

  /** Whether the worker can carry out another task. */
  get isUsable(): boolean {
    return this.#child.connected && this.#child.exitCode === null && !this.#child.killed;
  }

  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
