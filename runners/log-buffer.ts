import { withDefaults } from '../base/with-defaults.ts';
import type { LogLine, LogReader } from './runner.ts';

export interface LogBufferOptions {
  /** Number of first lines to keep. Default 200. */
  readonly first?: number;
  /** Number of last lines to keep. Default 2000. */
  readonly last?: number;
  /** Number of bytes to keep of one line. Default 4096. */
  readonly lineBytes?: number;
  /** Number of bytes to process per interval of 100 ms. Further bytes are counted and dropped. Default 1 MiB. */
  readonly burstBytes?: number;
  /** Returns the time in milliseconds since the epoch. */
  readonly now?: () => number;
}

const burstMilliseconds = 100;
const newline = 0x0a;

interface Unfinished {
  kept: Buffer[];
  keptBytes: number;
  cutBytes: number;
}

/**
 * Keeps the first and the last lines of a target's output in bounded memory and time. Endless output is drained, but
 * most of it is not processed.
 */
export class LogBuffer implements LogReader {
  readonly #first: LogLine[] = [];
  readonly #last: LogLine[] = [];
  readonly #options: Required<LogBufferOptions>;
  readonly #unfinished: Record<LogLine['stream'], Unfinished> = { stdout: empty(), stderr: empty() };
  #burstStart = 0;
  #burstBytes = 0;
  #droppedBytes = 0;
  /** Resolves when the output ends. */
  readonly ended: Promise<void>;
  #resolveEnded: () => void = () => {};
  #awaited: { readonly text: string; readonly resolve: () => void }[] = [];

  constructor(options: LogBufferOptions = {}) {
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const defaults = { first: 200, last: 2000, lineBytes: 4096, burstBytes: 1024 * 1024, now: Date.now };
    this.#options = withDefaults(defaults, options);
  }

  /** Adds bytes of a stream. Chunks may end anywhere in a line. */
  write(stream: LogLine['stream'], bytes: Buffer): void {
    const at = this.#options.now();
    if (at - this.#burstStart >= burstMilliseconds) {
      this.#burstStart = at;
      this.#burstBytes = 0;
      this.#noteDropped(stream, at);
    }
    this.#burstBytes += bytes.length;
    if (this.#burstBytes > this.#options.burstBytes) {
      this.#droppedBytes += bytes.length;
      return;
    }
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.#extend(stream, bytes.subarray(start, end));
      this.#finishLine(stream, at);
      start = end + 1;
    }
    this.#extend(stream, bytes.subarray(start));
  }

  /** Adds a line of the kit, marked to distinguish it from the lines of the target. */
  note(text: string): void {
    this.#keep({ at: this.#options.now(), stream: 'stderr', text: `[… kit: ${text}]` });
  }

  /** Ends the output. Keeps a last line without a newline. */
  end(): void {
    const at = this.#options.now();
    this.#noteDropped('stderr', at);
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#unfinished[stream].keptBytes > 0) this.#finishLine(stream, at);
    }
    this.#resolveEnded();
  }

  /** Resolves as soon as a kept line contains `text`. */
  async includes(text: string): Promise<undefined> {
    if (!this.#all().some((line) => line.text.includes(text))) {
      await new Promise<void>((resolve) => this.#awaited.push({ text, resolve }));
    }
    return undefined;
  }

  between(from: number, to: number): readonly LogLine[] {
    return this.#all().filter((line) => line.at >= from && line.at <= to);
  }

  last(count: number): readonly LogLine[] {
    return count <= 0 ? [] : this.#all().slice(-count);
  }

  #all(): LogLine[] {
    return [...this.#first, ...this.#last];
  }

  #extend(stream: LogLine['stream'], bytes: Buffer): void {
    if (bytes.length === 0) return;
    const line = this.#unfinished[stream];
    const room = Math.max(0, this.#options.lineBytes - line.keptBytes);
    const kept = bytes.subarray(0, room);
    if (kept.length > 0) {
      // The copy lets the garbage collector free the chunk.
      line.kept.push(Buffer.from(kept));
      line.keptBytes += kept.length;
    }
    line.cutBytes += bytes.length - kept.length;
  }

  #finishLine(stream: LogLine['stream'], at: number): void {
    const { kept, cutBytes } = this.#unfinished[stream];
    this.#unfinished[stream] = empty();
    const text = Buffer.concat(kept).toString('utf8').replace(/\r$/, '');
    this.#keep({ at, stream, text: cutBytes > 0 ? `${text} [… ${cutBytes} more bytes]` : text });
  }

  #noteDropped(stream: LogLine['stream'], at: number): void {
    if (this.#droppedBytes === 0) return;
    this.#unfinished.stdout = empty();
    this.#unfinished.stderr = empty();
    this.#keep({ at, stream, text: `[… ${this.#droppedBytes} bytes dropped: written too fast]` });
    this.#droppedBytes = 0;
  }

  #keep(line: LogLine): void {
    const met = this.#awaited.filter(({ text }) => line.text.includes(text));
    if (met.length > 0) {
      this.#awaited = this.#awaited.filter((waiting) => !met.includes(waiting));
      for (const { resolve } of met) resolve();
    }
    if (this.#first.length < this.#options.first) this.#first.push(line);
    else if (this.#last.push(line) > this.#options.last) this.#last.shift();
  }
}

function empty(): Unfinished {
  return { kept: [], keptBytes: 0, cutBytes: 0 };
}
