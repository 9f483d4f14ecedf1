import type { ServerResponse } from 'node:http';
import type { FailureCategory } from '../failures/category.ts';
import { keepAliveComment } from '../mcp/sse.ts';
import type { EventSink } from '../session/event-sink.ts';

/** What a response of events needs. */
export interface ResponseWriterOptions {
  readonly outgoing: ServerResponse;
  readonly signal: AbortSignal;
  readonly highWaterBytes: number;
  readonly keepAliveMs: number;
}

/** Writes a stream of events as the body of an HTTP response; counts what the reader has not taken yet. */
export class ResponseWriter implements EventSink {
  readonly #options: ResponseWriterOptions;
  readonly #closeListeners: (() => void)[] = [];
  #pending = 0;
  #gathered: string[] = [];
  #flush: NodeJS.Immediate | undefined;
  #waiting: (() => void)[] = [];
  #closed = false;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(options: ResponseWriterOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#close(), { once: true });
    if (options.signal.aborted) this.#closed = true;
  }

  get pendingBytes(): number {
    return this.#pending;
  }

  /** Sends the head. */
  begin(headers: Readonly<Record<string, string>>): void {
    if (this.#closed) return;
    this.#options.outgoing.writeHead(200, { ...headers }).flushHeaders();
    this.#keepAlive = setInterval(() => this.#sayThatItLives(), this.#options.keepAliveMs).unref();
  }

  async write(text: string): Promise<void> {
    if (this.#closed) return;
    this.#keepAlive?.refresh();
    this.#pending += Buffer.byteLength(text);
    this.#gathered.push(text);
    // Events of one turn of the event loop leave together, as they do by gRPC.
    this.#flush ??= setImmediate(() => this.#writeGathered());
    if (this.#pending <= this.#options.highWaterBytes) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  end(): void {
    if (this.#closed) return;
    this.#writeGathered();
    this.#options.outgoing.end();
    this.#close();
  }

  /** A response that has begun has no other way to fail than to break off. */
  fail(_category: FailureCategory, _message: string): void {
    if (this.#closed) return;
    this.#close();
    this.#options.outgoing.destroy();
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closeListeners.push(listener);
  }

  #writeGathered(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#gathered.length === 0) return;
    const bytes = Buffer.from(this.#gathered.join(''));
    this.#gathered = [];
    this.#options.outgoing.write(bytes, () => {
      this.#pending -= bytes.length;
      if (this.#pending <= this.#options.highWaterBytes) this.#wake();
    });
  }

  #sayThatItLives(): void {
    if (this.#pending === 0) void this.write(keepAliveComment);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#keepAlive);
    clearImmediate(this.#flush);
    this.#wake();
    for (const listener of this.#closeListeners.splice(0)) listener();
  }
}
