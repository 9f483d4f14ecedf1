import type { ClientRequest, IncomingMessage } from 'node:http';
import { SseParser } from '../../../client/sse-parser.ts';
import type { Reply } from './reply.ts';

/** An open live stream. It yields messages until it ends, breaks or is disconnected. */
export interface LiveStream extends Disposable {
  readonly kind: 'live';
  /** The messages, as text. */
  readonly messages: AsyncIterable<string>;
  /** The id of the last event that arrived, or "". */
  readonly lastEventId: string;
}

/** Waits for the head of a live stream. @returns the stream, or the reply if it was refused or broke */
export function openLiveStream(sent: ClientRequest, signal: AbortSignal): Promise<LiveStream | Reply> {
  return new Promise((resolve) => {
    const giveUp = () => {
      resolve({ kind: 'late' });
      sent.destroy();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    // After the head, the response reports failures.
    sent.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', giveUp);
      resolve({ kind: 'broken', code: error.code ?? error.message });
    });
    sent.on('response', (response) => {
      signal.removeEventListener('abort', giveUp);
      if (response.statusCode === 200) resolve(new OpenStream(response));
      else resolve(refusal(response));
    });
    if (signal.aborted) giveUp();
  });
}

function refusal(response: IncomingMessage): Reply {
  const { statusCode: status = 0, headers } = response;
  response.on('error', () => undefined).resume();
  return { kind: 'answer', status, headers, body: '' };
}

class OpenStream implements LiveStream {
  readonly kind = 'live';
  readonly #response: IncomingMessage;
  readonly #parser = new SseParser();
  readonly messages: AsyncIterable<string>;

  constructor(response: IncomingMessage) {
    this.#response = response;
    // Without a listener, a stream that is disconnected before its first read would throw.
    response.on('error', () => undefined);
    this.messages = this.#read();
  }

  get lastEventId(): string {
    return this.#parser.lastEventId;
  }

  [Symbol.dispose](): void {
    this.#response.destroy();
  }

  async *#read(): AsyncGenerator<string> {
    try {
      for await (const piece of this.#response) {
        for (const { data } of this.#parser.push(piece)) {
          // An event without data only sets the id.
          if (data !== '') yield data;
        }
      }
    } catch {
      // The stream broke. Its reader opens it again.
    }
  }
}
