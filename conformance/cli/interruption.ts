import { setMaxListeners } from 'node:events';
import { constants } from 'node:os';

const interruptingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that ends a run. */
export type Interrupting = (typeof interruptingSignals)[number];

/** A source of signals, such as `process`. */
export interface SignalSource {
  on(signal: Interrupting, listener: () => void): unknown;
  off(signal: Interrupting, listener: () => void): unknown;
}

/** Time for the run to end after a signal. After it, the guardian removes what the run has started. */
const endMs = 10_000;

/**
 * Aborts on the first signal, so that the run can end cleanly, and exits immediately on the second one, or if the run
 * does not end in time. Disposing of it restores the default signal handling.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  /** Aborted by the first signal. */
  readonly signal: AbortSignal = this.#controller.signal;
  readonly #listeners: ReadonlyMap<Interrupting, () => void>;
  readonly #source: SignalSource;
  #first: Interrupting | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #hasExitDeadline = true;

  /** @param leave exits with the code of a signal, after synchronous cleanup */
  constructor(source: SignalSource, leave: (code: number, signal: Interrupting) => void) {
    this.#source = source;
    // Every call in flight adds a listener, so the default limit would cause a false warning.
    setMaxListeners(0, this.signal);
    this.#listeners = new Map(
      interruptingSignals.map((name) => [
        name,
        () => {
          const first = this.#first ?? name;
          const end = () => leave(exitCodeOf(first), first);
          if (this.#first !== undefined) {
            end();
            return;
          }
          this.#first = name;
          if (this.#hasExitDeadline) this.#watchdog = setTimeout(end, endMs);
          this.#controller.abort(new Error(`interrupted by ${name}`));
        },
      ]),
    );
    for (const [name, listener] of this.#listeners) source.on(name, listener);
  }

  /** The exit code that shells report for the received signal (130 for SIGINT), or undefined without a signal. */
  get exitCode(): number | undefined {
    return this.#first && exitCodeOf(this.#first);
  }

  /** Gives the command unlimited time to end after the first signal, because it has its own time limits. */
  disableExitDeadline(): void {
    this.#hasExitDeadline = false;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#watchdog);
    for (const [name, listener] of this.#listeners) this.#source.off(name, listener);
  }
}

function exitCodeOf(signal: Interrupting): number {
  return 128 + constants.signals[signal];
}

/**
 * Exits immediately. A pending file operation, such as opening a named pipe, would block a normal exit forever, so the
 * process then ends itself by the signal that it received, for which shells report the same exit code.
 */
export function leaveNow(code: number, signal: Interrupting): void {
  if (process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'))) {
    process.emit('exit', code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exit(code);
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
