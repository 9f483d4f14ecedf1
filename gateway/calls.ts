import { withTimeLimit } from '../base/deadline.ts';
import type { GatewayAnswer } from './exchange.ts';

/** How a call relates to the rest of the gateway. */
export interface CallOptions {
  readonly caller: AbortSignal;
  /** Whether it is a live stream, which has no end of its own. */
  readonly isLive: boolean;
  onEnd(): void;
}

/** A call of the runtime until its end, which for a stream comes long after its head. */
export class CallInFlight {
  readonly #options: CallOptions;
  readonly #abort = new AbortController();
  #body: GatewayAnswer['body'] | undefined;
  #hasEnded = false;

  constructor(options: CallOptions) {
    this.#options = options;
    options.caller.addEventListener('abort', this.#callerWent, { once: true });
    if (options.caller.aborted) this.#callerWent();
  }

  /** Aborts when the call is to be given up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Takes note of the answer: its call has ended, unless the body is a stream. */
  answered(answer: GatewayAnswer): GatewayAnswer {
    this.#body = answer.body;
    if (answer.body instanceof Uint8Array) this.end();
    return answer;
  }

  /** Ends a live stream in an orderly way; other calls go on. */
  leave(): void {
    if (this.#options.isLive) this.#leaveBody();
  }

  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.caller.removeEventListener('abort', this.#callerWent);
    this.#options.onEnd();
  }

  readonly #callerWent = (): void => {
    this.abort(this.#options.caller.reason);
    // Nobody may be reading a stream that is out already.
    this.#leaveBody();
  };

  #leaveBody(): void {
    if (this.#body !== undefined && 'return' in this.#body) void this.#body.return?.();
  }
}

/** The calls in flight, so that a gateway that stops can let them end. */
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

  /** Ends live streams, waits for the other calls, and gives up those that last longer. @param withinMs how long */
  async drain(withinMs: number, reason: Error): Promise<void> {
    for (const call of [...this.#calls]) call.leave();
    if (this.#calls.size > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
      await withTimeLimit(empty, withinMs);
    }
    for (const call of [...this.#calls]) call.abort(reason);
  }
}
