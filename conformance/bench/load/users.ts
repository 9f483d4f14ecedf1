import type { Failure } from '../transport/transport.ts';
import type { Cancel, Operation } from '../workloads/call.ts';

/** The end of an operation. Times are of `performance.now()`. */
export interface Ended {
  /** The time from which its latency counts. */
  readonly since: number;
  readonly at: number;
  readonly failure: Failure | undefined;
}

/** An operation in flight. */
interface InFlight {
  readonly user: Operation;
  readonly since: number;
  readonly started: number;
  cancel: Cancel;
}

export interface UsersOptions {
  readonly deadlineMs: number;
  /** Called after each operation. Its user is idle again. */
  readonly onEnd: (ended: Ended) => void;
}

/** Milliseconds between checks of the time limits of operations. */
const checkMs = 50;

/** Starts operations, and ends those that exceed their time limit. */
export class Users implements Disposable {
  readonly #idle: Operation[];
  readonly #inFlight = new Set<InFlight>();
  readonly #options: UsersOptions;
  readonly #clock: NodeJS.Timeout;
  #onIdle: (() => void) | undefined;

  constructor(operations: readonly Operation[], options: UsersOptions) {
    this.#idle = [...operations].reverse();
    this.#options = options;
    this.#clock = setInterval(() => this.#endLate(), checkMs);
  }

  get hasIdle(): boolean {
    return this.#idle.length > 0;
  }

  /** Starts the operation of an idle user. @param since the time from which its latency counts */
  start(since: number): void {
    const user = this.#idle.pop();
    if (user === undefined) throw new RangeError('all users are busy');
    const flight: InFlight = { user, since, started: performance.now(), cancel: () => undefined };
    this.#inFlight.add(flight);
    flight.cancel = user.start((failure) => this.#end(flight, failure));
  }

  /** Resolves when no operation is in flight. Each one ends by its time limit at the latest. */
  async drained(): Promise<void> {
    if (this.#inFlight.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Cancels the operations in flight without recording them. */
  cancelAll(): void {
    for (const flight of [...this.#inFlight]) {
      this.#inFlight.delete(flight);
      flight.cancel();
    }
    this.#onIdle?.();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#clock);
  }

  #end(flight: InFlight, failure: Failure | undefined): void {
    // An operation may end again after it was given up.
    if (!this.#inFlight.delete(flight)) return;
    this.#idle.push(flight.user);
    this.#options.onEnd({ since: flight.since, at: performance.now(), failure });
    if (this.#inFlight.size === 0) this.#onIdle?.();
  }

  #endLate(): void {
    const { deadlineMs } = this.#options;
    const limit = performance.now() - deadlineMs;
    for (const flight of [...this.#inFlight]) {
      if (flight.started > limit) continue;
      const detail = `the operation did not end within ${deadlineMs} ms`;
      this.#end(flight, { kind: 'deadline', detail });
      flight.cancel();
    }
  }
}
