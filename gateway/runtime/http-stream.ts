import type { IncomingMessage } from 'node:http';
import { DeadlineError, type StreamHead } from '../../client/index.ts';
import type { OpenedStream } from './runtime-connection.ts';

/** Node has joined what occurs twice, but for `set-cookie`. */
export function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? (value.at(-1) ?? '') : (value ?? ''),
  ]);
  return Object.fromEntries(pairs);
}

/** What a stream by HTTP needs. */
export interface HttpStreamOptions {
  /** How long it may be silent while somebody reads, in milliseconds. */
  readonly idleMs: number;
  /** Cancels the request. */
  readonly leave: () => void;
}

/** The response of an HTTP request as a stream. HTTP tells by itself whether it is whole. */
export class HttpStream implements OpenedStream {
  readonly head: Promise<StreamHead>;
  readonly #response: Promise<IncomingMessage>;
  readonly #options: HttpStreamOptions;
  #isCancelled = false;

  constructor(response: Promise<IncomingMessage>, options: HttpStreamOptions) {
    this.#response = response;
    this.#options = options;
    this.head = response.then((incoming) => ({
      status: incoming.statusCode ?? 0,
      headers: headersOf(incoming),
      origin: 'sent',
    }));
    // A caller may be interested in one of them only: the other's failure is no unhandled rejection.
    this.head.catch(() => {});
    response.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const incoming = await this.#response;
    const pieces: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
    try {
      for (;;) {
        const timer = this.#breakWhenIdle(incoming);
        const { done, value } = await pieces.next();
        clearTimeout(timer);
        if (done === true) return;
        yield value;
      }
    } catch (error) {
      if (!this.#isCancelled) throw error;
    } finally {
      incoming.destroy();
    }
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#options.leave();
  }

  #breakWhenIdle(incoming: IncomingMessage): NodeJS.Timeout | undefined {
    const { idleMs } = this.#options;
    // Node's timers end at 2^31-1 ms; a limit beyond them is as good as none.
    if (idleMs > 2_147_483_647) return undefined;
    const error = new DeadlineError('idle', `the stream was silent for ${idleMs} ms`);
    return setTimeout(() => incoming.destroy(error), idleMs);
  }
}
