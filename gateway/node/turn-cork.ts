import type { ServerResponse } from 'node:http';

/**
 * Joins the writes of one turn of the event loop. The head, the events and the end of a short stream then take one system
 * call instead of three.
 */
export class TurnCork {
  readonly #outgoing: ServerResponse;
  #release: NodeJS.Immediate | undefined;

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing;
  }

  /** Holds back the writes until the end of this turn, or until `release`. */
  hold(): void {
    if (this.#release !== undefined) return;
    this.#outgoing.cork();
    this.#release = setImmediate(() => this.release());
  }

  /** Sends the writes that were held back. */
  release(): void {
    if (this.#release === undefined) return;
    clearImmediate(this.#release);
    this.#release = undefined;
    this.#outgoing.uncork();
  }
}
