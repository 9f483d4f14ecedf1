import { setTimeout as pause } from 'node:timers/promises';

/** A call of the runtime that has not ended. */
export interface CallInFlight {
  /** Ends a stream that has no end of its own in an orderly way; other calls go on. */
  leave(): void;
  /** Gives the call up. */
  abort(reason: Error): void;
}

/** The calls under way, so that a gateway that stops can let them end. */
export class CallsInFlight {
  readonly #calls = new Set<CallInFlight>();
  #onEmpty: (() => void) | undefined;

  get size(): number {
    return this.#calls.size;
  }

  add(call: CallInFlight): void {
    this.#calls.add(call);
  }

  delete(call: CallInFlight): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#onEmpty?.();
  }

  /** Ends live streams, waits for the other calls, and gives up those that last longer. @param withinMs how long */
  async drain(withinMs: number, reason: Error): Promise<void> {
    for (const call of [...this.#calls]) call.leave();
    if (this.#calls.size > 0) {
      const waiting = new AbortController();
      const empty = new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
      await Promise.race([empty, pause(withinMs, undefined, { signal: waiting.signal }).catch(() => {})]);
      waiting.abort();
    }
    for (const call of [...this.#calls]) call.abort(reason);
  }
}
