/** The output of a reporter. */
export interface Output {
  write(text: string): void;
  /** Whether the output is a terminal, on which lines can be overwritten. */
  readonly isTTY: boolean;
  /** Width in characters, if known. */
  readonly columns: number | undefined;
}

/**
 * A status line at the bottom of a terminal, below the permanent output. Does nothing if the output is not a terminal.
 * Disposing of it removes the line and stops its timer.
 */
export class LiveLine implements Disposable {
  readonly #output: Output;
  readonly #clock: NodeJS.Timeout | undefined;
  #draw: () => string = () => '';
  #shown = '';

  constructor(output: Output) {
    this.#output = output;
    if (!output.isTTY) return;
    this.#clock = setInterval(() => this.#redraw(), 120);
    this.#clock.unref();
  }

  /**
   * Sets the function that renders the line. It is called repeatedly. Its result is cut to the width of the terminal.
   */
  show(draw: () => string): void {
    this.#draw = draw;
    this.#redraw();
  }

  /** Prints permanent lines above the status line. */
  print(lines: readonly string[]): void {
    this.#replace('');
    this.#output.write(lines.map((line) => `${line}\n`).join(''));
    this.#redraw();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#clock);
    this.#draw = () => '';
    this.#replace('');
  }

  #redraw(): void {
    if (!this.#output.isTTY) return;
    this.#replace(this.#draw().slice(0, Math.max(10, (this.#output.columns ?? 80) - 1)));
  }

  #replace(line: string): void {
    if (line === this.#shown) return;
    this.#output.write(`\r\x1b[2K${line}`);
    this.#shown = line;
  }
}
