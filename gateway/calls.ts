import { withTimeLimit } from '../base/deadline.ts';
import { PlainSignal, type Signal } from '../base/signal.ts';
import type { GatewayAnswer } from './exchange.ts';

/** Options for a call. */
export interface CallOptions {
  readonly caller: Signal;
  /** Whether the call is a live stream, which does not end on its own. */
  readonly isLive: boolean;
  onEnd(): void;
}

/** A call to the runtime until its end. A stream ends long after its head. */
export class CallInFlight {
  readonly #options: CallOptions;
  readonly #signal = new PlainSignal();
  #body: GatewayAnswer['body'] | undefined;
  #hasEnded = false;

  constructor(options: CallOptions) {
    this.#options = options;
    options.caller.addEventListener('abort', this.#onCallerGone, { once: true });
    if (options.caller.aborted) this.#onCallerGone();
  }

  /** Aborts when the call must be cancelled. */
  get signal(): Signal {
    return this.#signal;
  }

  /** Records the answer. It ends the call unless the body is a stream. */
  answered(answer: GatewayAnswer): GatewayAnswer {
    this.#body = answer.body;
    if (answer.body instanceof Uint8Array) this.end();
    return answer;
  }

  /** Ends a live stream normally. Has no effect on other calls. */
  endLiveStream(): void {
    if (this.#options.isLive) this.#cancelBody();
  }

  abort(reason: unknown): void {
    this.#signal.abort(reason);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.caller.removeEventListener('abort', this.#onCallerGone);
    this.#options.onEnd();
  }

  readonly #onCallerGone = (): void => {
    this.abort(this.#options.caller.reason);
    // The stream may have no reader that could notice the abort.
    this.#cancelBody();
  };

  #cancelBody(): void {
    if (this.#body !== undefined && 'return' in this.#body) void this.#body.return?.();
  }
}

/** The calls in flight. A stopping gateway waits for them. */
export class CallsInFlight {
  readonly #calls = new Set<CallInFlight>();
  #onEmpty: (() => void) | undefined;

  begin(options: CallOptions): CallInFlight {
    const call = new CallInFlight({
      ...options,
      onEnd: () => {
        this.#calls.delete(call);
        if (this.#calls.size === 0) this.#onEmpty?.();
        options.onEnd();
      },
    });
    this.#calls.add(call);
    return call;
  }

  /**
   * Ends live streams, waits for other calls, and aborts the remaining ones.
   * @param withinMs time limit in milliseconds
   */
  async drain(withinMs: number, reason: Error): Promise<void> {
    for (const call of [...this.#calls]) call.endLiveStream();
    if (this.#calls.size > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
      await withTimeLimit(empty, withinMs);
    }
    for (const call of [...this.#calls]) call.abort(reason);
  }
}
