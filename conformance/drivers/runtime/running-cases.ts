/** The cases that run at the moment, so that one that finds no room for its session can wait for the end of another. */
export class RunningCases {
  #running = 0;
  #waiting: (() => void)[] = [];

  /** Counts a case that begins. */
  begin(): void {
    this.#running += 1;
  }

  /** Counts a case that has ended and left its sessions to be closed. */
  end(): void {
    this.#running -= 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Waits until another case ends. Resolves to false if all others wait as well, and would wait forever. */
  async untilAnotherEnds(): Promise<boolean> {
    if (this.#waiting.length + 1 >= this.#running) return false;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    return true;
  }
}
