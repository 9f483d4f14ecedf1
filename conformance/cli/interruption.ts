import { setMaxListeners } from 'node:events';
import { constants } from 'node:os';

const interruptingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Interrupting = (typeof interruptingSignals)[number];

/** A source of signals, such as `process`. */
export interface SignalSource {
  on(signal: Interrupting, listener: () => void): unknown;
  off(signal: Interrupting, listener: () => void): unknown;
}

/**
 * Aborts on the first signal, so that the run can end cleanly, and exits immediately on the second one. Disposing of
 * it restores the default signal handling.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  /** Aborted by the first signal. */
  readonly signal: AbortSignal = this.#controller.signal;
  readonly #listeners: ReadonlyMap<Interrupting, () => void>;
  readonly #source: SignalSource;
  #exitCode: number | undefined;

  /** @param leave exits with this code, after synchronous cleanup */
  constructor(source: SignalSource, leave: (code: number) => void) {
    this.#source = source;
    // Every call in flight adds a listener, so the default limit would cause a false warning.
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

  /** The exit code that shells report for the received signal (130 for SIGINT), or undefined without a signal. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) this.#source.off(name, listener);
  }
}

const parentPollMs = 250;

/**
 * Ends the program when its parent ends, if npx started it. npx passes a signal only to its shell, which exits without
 * forwarding it, so the program would otherwise run forever.
 * @param parent current id of the parent process
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
