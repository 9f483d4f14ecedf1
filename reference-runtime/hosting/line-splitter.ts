const newline = 0x0a;

/** Options of a line splitter. */
export interface LineSplitterOptions {
  /** Maximum number of bytes in a line, without its line feed. */
  readonly maxBytes: number;
  /** Receives each complete line, without its line ending. */
  onLine(line: string): void;
  /** Called once for each line that is too long. The splitter skips the line. */
  onTooLong(): void;
}

/** Splits bytes into lines of UTF-8. It keeps at most one line in memory. */
export class LineSplitter {
  readonly #options: LineSplitterOptions;
  readonly #decoder = new TextDecoder();
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #skipping = false;

  constructor(options: LineSplitterOptions) {
    this.#options = options;
  }

  write(bytes: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(newline, start);
      if (end === -1) break;
      this.#keep(bytes.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
  }

  /** Ends the last line, which may lack a line feed. */
  end(): void {
    if (this.#bytes > 0) this.#endLine();
  }

  #keep(part: Uint8Array): void {
    if (this.#skipping || part.length === 0) return;
    if (this.#bytes + part.length > this.#options.maxBytes) {
      this.#forget();
      this.#skipping = true;
      this.#options.onTooLong();
      return;
    }
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  #endLine(): void {
    const line = this.#skipping ? undefined : this.#decoder.decode(Buffer.concat(this.#parts));
    this.#forget();
    this.#skipping = false;
    if (line !== undefined) this.#options.onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  #forget(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}
