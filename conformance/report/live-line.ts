/** The output of a reporter. */
export interface Output {
  write(text: string): void;
  /** Whether the output is a terminal, on which lines can be overwritten. */
  readonly isTTY: boolean;
  /** Width in characters, if known. */
  readonly columns: number | undefined;
}

/** Returns the width of reports in columns: that of the terminal up to a readable maximum, or 80 if there is none. */
export function widthOf({ columns = 80 }: Output): number {
  return Math.min(columns, 110);
}

/** Returns an output that drops everything. */
export function muted({ columns }: Output): Output {
  return { write: () => {}, isTTY: false, columns };
}

const redrawMs = 120;
/** Time without output after which a log receives a line of progress. */
const sparseMs = 30_000;

/**
 * A status line at the bottom of a terminal, below the permanent output. If the output is not a terminal, such as the
 * log of a CI system, prints the line instead, whenever there was no output for half a minute. Disposing of it removes
 * the line and stops its timer.
 */
export class LiveLine implements Disposable {
  readonly #output: Output;
  readonly #clock: NodeJS.Timeout;
  #draw: () => string = () => '';
  #shown = '';

  constructor(output: Output) {
    this.#output = output;
    this.#clock = output.isTTY
      ? setInterval(() => this.#redraw(), redrawMs)
      : setInterval(() => this.#log(), sparseMs);
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
    if (!this.#output.isTTY) this.#clock.refresh();
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

  #log(): void {
    const line = this.#draw();
    if (line !== '') this.#output.write(`${line}\n`);
  }

  #replace(line: string): void {
    if (line === this.#shown) return;
    this.#output.write(`\r\x1b[2K${line}`);
    this.#shown = line;
  }
}
