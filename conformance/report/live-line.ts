/** Where a reporter writes. */
export interface Output {
  write(text: string): void;
  /** Whether lines that were written can be replaced. */
  readonly isTTY: boolean;
  /** Width in characters, where it is known. */
  readonly columns: number | undefined;
}

/**
 * The last line of a terminal, which shows what is going on and makes way for what is written for good. Off a terminal
 * it shows nothing. Disposing of it removes the line and ends its clock.
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

  /** From now on the line shows what `draw` returns, each time it is asked; it is cut to the width of the terminal. */
  show(draw: () => string): void {
    this.#draw = draw;
    this.#redraw();
  }

  /** Writes lines that stay, above the live line. */
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
