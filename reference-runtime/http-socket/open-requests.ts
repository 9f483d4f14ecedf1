import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * The requests of each connection that have no complete answer yet. A client may send further bytes before it has the
 * answers, and Node reports invalid bytes at once. Their refusal must not precede the answers to the requests before them.
 */
export class OpenRequests {
  readonly #exchanges = new WeakMap<Duplex, Set<Exchange>>();
  /** Connections whose framing is lost, so that nothing on them is a request any more. */
  readonly #refused = new WeakSet<Duplex>();

  /** Remembers a request until its answer is complete or its connection is closed. */
  add(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const exchanges = this.#exchanges.get(incoming.socket) ?? new Set();
    this.#exchanges.set(incoming.socket, exchanges);
    const exchange = { incoming, outgoing };
    exchanges.add(exchange);
    outgoing.once('close', () => exchanges.delete(exchange));
  }

  isRefused(connection: Duplex): boolean {
    return this.#refused.has(connection);
  }

  /** Answers the bytes after the last complete request of a connection, as soon as that request is answered. */
  refuse(connection: Duplex, answer: () => void): void {
    if (this.#refused.has(connection)) {
      // Node reports every further packet. After the refusal, the client can only close the connection.
      if (!connection.writable) connection.destroy();
      return;
    }
    this.#refused.add(connection);
    const answerIfOpen = () => {
      if (connection.writable) answer();
      else connection.destroy();
    };
    // An incomplete request is the one that is invalid. Answers are sent in the order of their requests.
    const complete = [...(this.#exchanges.get(connection) ?? [])].filter(({ incoming }) => incoming.complete);
    const last = complete.at(-1);
    if (last === undefined) answerIfOpen();
    else last.outgoing.once('close', answerIfOpen);
  }
}
