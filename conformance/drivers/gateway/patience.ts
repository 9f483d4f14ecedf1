/**
 * Time limits for an answer of the gateway itself, in milliseconds. A gateway may first wait for its runtime to return.
 */
const firstMs = 75_000;
const laterMs = 15_000;

/**
 * Decides how long cases wait for the gateway to give up on its runtime. If a gateway did not give up within the long
 * time limit, waiting equally long in every further case would teach nothing.
 */
export class Patience {
  #isLost = false;

  /** The time limit of the next wait, in milliseconds. */
  get limitMs(): number {
    return this.#isLost ? laterMs : firstMs;
  }

  /** Notes that a wait was in vain. */
  lose(): void {
    this.#isLost = true;
  }
}
