/** Changes within this number of milliseconds count as one, because a build writes several files. */
const quietMs = 150;

/** Collects changes until they pause, so that a burst of changes starts one run. */
export class Changes implements Disposable {
  readonly #names = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  #settled = false;

  /** @param name the changed file or image, for people */
  note(name: string): void {
    this.#names.add(name);
    this.#settled = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#settled = true;
      this.#wake?.();
    }, quietMs);
  }

  /** Resolves once there are changes and they have paused. Does not take them. Rejects never. */
  async settled(signal: AbortSignal): Promise<void> {
    if (this.#settled || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Returns the names of all changes since the last call, and forgets them. */
  take(): readonly string[] {
    const names = [...this.#names];
    this.#names.clear();
    this.#settled = false;
    return names;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
