import type { Signal } from '../../base/signal.ts';
import type { FailureCategory } from '../failures/call-refused.ts';
import { keepAliveComment } from '../mcp/sse.ts';
import type { RuntimeLimits } from '../options.ts';

/** Options for an event writer, independent of the transport. */
export interface EventWriterOptions {
  /** Aborts when the reader disconnects. */
  readonly signal: Signal;
  readonly limits: RuntimeLimits;
}

/** Writes one stream of events, counts unread bytes and applies back-pressure. */
export abstract class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #closeListeners: (() => void)[] = [];
  #pending = 0;
  #gathered: string[] = [];
  #gatheredBytes = 0;
  #flush: NodeJS.Immediate | undefined;
  #waiting: (() => void)[] = [];
  #closed = false;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.close(), { once: true });
    if (options.signal.aborted) this.#closed = true;
  }

  /** The number of written bytes that the reader has not read yet. */
  get pendingBytes(): number {
    return this.#pending;
  }

  /** Writes text. Resolves when the reader has room for more (STREAM-11). */
  async write(text: string): Promise<void> {
    if (this.#closed) return;
    this.#keepAlive?.refresh();
    this.#gather(text);
    if (this.#pending <= this.#options.limits.streamHighWaterBytes) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the stream normally, with `done` (STREAM-3). */
  end(): void {
    if (this.#closed) return;
    this.#writeGathered();
    this.sendEnd();
    this.close();
  }

  /** Fails the stream with a gRPC status other than OK and without `done` (STREAM-5). */
  fail(category: FailureCategory, message: string): void {
    if (this.#closed) return;
    this.close();
    this.abort(category, message);
  }

  /** Calls a listener once when the reader disconnects or the stream ends. */
  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closeListeners.push(listener);
  }

  protected abstract send(bytes: Uint8Array): void;
  protected abstract sendEnd(): void;
  /** Ends the stream so that the reader sees a failure. */
  protected abstract abort(category: FailureCategory, message: string): void;

  protected get closed(): boolean {
    return this.#closed;
  }

  /** Starts to send comments while the stream is idle. */
  protected keepAlive(): void {
    this.#keepAlive = setInterval(() => {
      if (this.#pending === 0) void this.write(keepAliveComment);
    }, this.#options.limits.keepAliveMs).unref();
  }

  /** Adds to the unread bytes. The transport calls the returned function when it has taken them. */
  protected sending(bytes: number): () => void {
    this.#pending += bytes;
    return () => {
      this.#pending -= bytes;
      if (this.#pending <= this.#options.limits.streamHighWaterBytes) this.#wake();
    };
  }

  protected close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#keepAlive);
    clearImmediate(this.#flush);
    this.#wake();
    for (const listener of this.#closeListeners.splice(0)) listener();
  }

  /** Batches the events of one turn of the event loop, because one message per event is expensive. */
  #gather(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#gathered.push(text);
    this.#gatheredBytes += bytes;
    this.#pending += bytes;
    this.#flush ??= setImmediate(() => this.#writeGathered());
  }

  #writeGathered(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#gathered.length === 0) return;
    const bytes = Buffer.from(this.#gathered.join(''));
    this.#gathered = [];
    this.#pending -= this.#gatheredBytes;
    this.#gatheredBytes = 0;
    this.send(bytes);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
