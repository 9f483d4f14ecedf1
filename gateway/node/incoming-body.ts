import type { IncomingMessage } from 'node:http';
import type { WholeReadable } from '../../base/read-bytes.ts';

/** The body of a request. Leaving it unread does not destroy the connection, which the answer needs. */
export class IncomingBody implements WholeReadable {
  readonly #incoming: IncomingMessage;
  readonly #onRead: () => void;

  /** @param onRead called before the body is read */
  constructor(incoming: IncomingMessage, onRead: () => void) {
    this.#incoming = incoming;
    this.#onRead = onRead;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#onRead();
    yield* this.#incoming.iterator({ destroyOnReturn: false });
  }

  readAll(maxBytes: number, tooLarge: () => Error): Promise<Uint8Array> {
    this.#onRead();
    const incoming = this.#incoming;
    const cut = () => new Error('the connection ended before the body');
    if (incoming.destroyed && !incoming.readableEnded) return Promise.reject(cut());
    return new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      const onData = (piece: Buffer) => {
        bytes += piece.length;
        if (bytes <= maxBytes) {
          pieces.push(piece);
          return;
        }
        incoming.off('data', onData);
        incoming.pause();
        reject(tooLarge());
      };
      incoming.on('data', onData);
      incoming.once('end', () => {
        const [first] = pieces;
        resolve(first?.length === bytes ? first : Buffer.concat(pieces, bytes));
      });
      incoming.once('close', () => {
        if (!incoming.readableEnded) reject(cut());
      });
    });
  }
}
