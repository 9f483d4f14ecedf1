import type { Invariant } from '../invariants/ledger.ts';

/** A violation that an event shows. */
export interface EventProblem {
  readonly invariant: Invariant;
  readonly text: string;
}

interface EventMessage {
  readonly method?: unknown;
  readonly params?: { readonly data?: { readonly n?: unknown; readonly pad?: unknown } };
}

/**
 * Checks the events of a session: each announced event arrives exactly once, in order. The length of their padding is the
 * number of the caller, so that events of another caller are noticed.
 */
export class EventSequence {
  readonly #tag: number;
  #announced = 0;
  #next = 0;

  /** @param tag the number of the caller, above 0 */
  constructor(tag: number) {
    this.#tag = tag;
  }

  /** Number of announced events that have not arrived. */
  get missing(): number {
    return this.#announced - this.#next;
  }

  /** Announces events with the numbers from 0, after all earlier ones have arrived. */
  announce(count: number): void {
    this.#announced = count;
    this.#next = 0;
  }

  /** Checks a message of the live stream. */
  receive(text: string): EventProblem | undefined {
    const message = parsed(text);
    const { n, pad } = message?.params?.data ?? {};
    if (message?.method !== 'notifications/message' || typeof n !== 'number' || typeof pad !== 'string') {
      return { invariant: 'identity', text: `an unknown event arrived: ${text.slice(0, 200)}` };
    }
    if (pad.length !== this.#tag) {
      return { invariant: 'identity', text: `an event of caller ${pad.length} arrived` };
    }
    if (n === this.#next && n < this.#announced) {
      this.#next += 1;
      return undefined;
    }
    const expected = this.missing > 0 ? `event ${this.#next}` : 'no event';
    // Continues after the unexpected event, so that one lost event is one violation.
    if (n > this.#next) this.#next = Math.min(n + 1, this.#announced);
    return { invariant: 'retention', text: `event ${n} arrived, but ${expected} was expected` };
  }
}

function parsed(text: string): EventMessage | undefined {
  try {
    return JSON.parse(text) as EventMessage;
  } catch {
    return undefined;
  }
}
