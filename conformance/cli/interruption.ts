import { setMaxListeners } from 'node:events';
import { constants } from 'node:os';

const interruptingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Interrupting = (typeof interruptingSignals)[number];

/** Sends and receives signals, as `process` does. */
export interface SignalSource {
  on(signal: Interrupting, listener: () => void): unknown;
  off(signal: Interrupting, listener: () => void): unknown;
}

/**
 * Turns the first signal into an abort, so that the run can end in an orderly way, and the second into leaving at once.
 * Disposing of it gives signals their default meaning back.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  /** Aborted by the first signal. */
  readonly signal: AbortSignal = this.#controller.signal;
  readonly #listeners: ReadonlyMap<Interrupting, () => void>;
  readonly #source: SignalSource;
  #exitCode: number | undefined;

  /** @param leave ends the process with this code, after what can be cleaned up without waiting */
  constructor(source: SignalSource, leave: (code: number) => void) {
    this.#source = source;
    // Every call under way listens, so a warning about many listeners would be a false alarm.
    setMaxListeners(0, this.signal);
    this.#listeners = new Map(
      interruptingSignals.map((name) => [
        name,
        () => {
          if (this.#exitCode !== undefined) {
            leave(this.#exitCode);
            return;
          }
          this.#exitCode = 128 + constants.signals[name];
          this.#controller.abort(new Error(`interrupted by ${name}`));
        },
      ]),
    );
    for (const [name, listener] of this.#listeners) source.on(name, listener);
  }

  /** As shells report a death by that signal (130 for SIGINT), or undefined where none came. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) this.#source.off(name, listener);
  }
}

const parentPollMs = 250;

/**
 * npx passes a signal on to its shell, which ends without passing it on: the program would go on for ever. So a program
 * that npx has started takes the end of its parent for SIGTERM.
 * @param parent the id of the parent process, as it is now
 */
export function endWithNpx(
  environment: Readonly<Record<string, string | undefined>>,
  parent: () => number,
  terminate: () => void,
): Disposable {
  const first = parent();
  const poll = () => {
    if (parent() === first) return;
    clearInterval(timer);
    terminate();
  };
  const timer = environment['npm_command'] === 'exec' ? setInterval(poll, parentPollMs).unref() : undefined;
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
