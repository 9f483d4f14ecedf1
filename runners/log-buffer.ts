import { withDefaults } from '../base/with-defaults.ts';
import type { LogLine, LogReader } from './runner.ts';

export interface LogBufferOptions {
  /** How many of the first lines are kept. Default 200. */
  readonly first?: number;
  /** How many of the last lines are kept. Default 2000. */
  readonly last?: number;
  /** Bytes of one line that are kept. Default 4096. */
  readonly lineBytes?: number;
  /** Bytes that are looked at in one interval of 100 ms; what comes beyond is counted and dropped. Default 1 MiB. */
  readonly burstBytes?: number;
  /** Milliseconds since the epoch. */
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
 * Keeps the first and the last lines of what a target writes, in bounded memory and bounded time: a target that writes
 * without end is read without end, but hardly looked at.
 */
export class LogBuffer implements LogReader {
  readonly #first: LogLine[] = [];
  readonly #last: LogLine[] = [];
  readonly #options: Required<LogBufferOptions>;
  readonly #unfinished: Record<LogLine['stream'], Unfinished> = { stdout: empty(), stderr: empty() };
  #burstStart = 0;
  #burstBytes = 0;
  #droppedBytes = 0;
  /** Settles when the target writes no more. */
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

  /** Takes bytes as they were read; lines may be split anywhere. */
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

  /** The target writes no more: a last line without a newline counts too. */
  end(): void {
    const at = this.#options.now();
    this.#noteDropped('stderr', at);
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#unfinished[stream].keptBytes > 0) this.#finishLine(stream, at);
    }
    this.#resolveEnded();
  }

  /** Settles once a line with `text` in it is kept, at once where there is one already. */
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
      // A copy, so that a short line does not hold the whole chunk it came in.
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
    this.#keep({ at, stream, text: `[… ${this.#droppedBytes} bytes were written too fast to be kept]` });
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
