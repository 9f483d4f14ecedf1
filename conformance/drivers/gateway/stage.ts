/**
 * Lets one case at a time use the played runtime, so that each call belongs to the case that is on stage. A case that
 * only waits for the end of a call it already knows leaves the stage meanwhile, so that waits overlap.
 */
export class Stage {
  readonly #queue: (() => void)[] = [];
  #isTaken = false;
  #asides = 0;
  #onQuiet: (() => void)[] = [];

  /** Resolves once no other case is on stage. The caller must dispose of the turn. */
  async enter(): Promise<Turn> {
    const turn = new Turn(this);
    await turn.resume();
    return turn;
  }

  /** Waits for the stage. Cases get it in the order in which they ask. */
  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#isTaken = true;
  }

  /** Gives the stage to the next case that waits for it. */
  pass(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }

  /** Whether no case waits off stage. */
  get isQuiet(): boolean {
    return this.#asides === 0;
  }

  /** Resolves once no case waits off stage. */
  quiet(): Promise<void> {
    return this.isQuiet ? Promise.resolve() : new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  beginAside(): void {
    this.#asides += 1;
  }

  endAside(): void {
    this.#asides -= 1;
    if (!this.isQuiet) return;
    const waiting = this.#onQuiet;
    this.#onQuiet = [];
    for (const resolve of waiting) resolve();
  }
}

/** The time of a case on stage. */
export class Turn implements Disposable {
  readonly #stage: Stage;
  #isOn = false;
  #isOver = false;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /**
   * Waits off stage for work that needs nothing from the played runtime but calls that have arrived.
   * @param comeBack resumes the turn, and may do more. Other cases leave the calls of this one alone until it resolves
   */
  async aside<Value>(work: Promise<Value>, comeBack = () => this.resume()): Promise<Value> {
    this.#stage.beginAside();
    this.#leave();
    try {
      return await work;
    } finally {
      await comeBack();
      this.#stage.endAside();
    }
  }

  /** Waits until no other case has calls in flight. Needed before the played runtime restarts or breaks connections. */
  async alone(): Promise<void> {
    while (!this.#stage.isQuiet) {
      this.#leave();
      await this.#stage.quiet();
      await this.resume();
    }
  }

  /** Whether the case is on stage. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Waits for the stage, unless the turn is over. */
  async resume(): Promise<void> {
    if (this.#isOn || this.#isOver) return;
    await this.#stage.take();
    this.#isOn = true;
    if (this.#isOver) this.#leave();
  }

  /** Keeps the turn from returning to the stage. If it is on stage, it stays there until it is disposed of. */
  finish(): void {
    this.#isOver = true;
  }

  /** Ends the turn. */
  [Symbol.dispose](): void {
    this.finish();
    this.#leave();
  }

  #leave(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#stage.pass();
  }
}
