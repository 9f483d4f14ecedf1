import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RpcName, rpcPath } from '../../proto/index.ts';

/** An HTTP/2 connection to a runtime, without a gRPC client. */
export class Http2Connection implements Disposable {
  readonly #session: ClientHttp2Session;

  /** @param wrap returns the connection for the HTTP/2 client */
  constructor(socketPath: string, wrap: (socket: Socket) => Duplex = (socket) => socket) {
    this.#session = connect('http://localhost', { createConnection: () => wrap(connectSocket(socketPath)) });
  }

  get isOpen(): boolean {
    return !this.#session.destroyed;
  }

  /** Starts a call. Its errors are ignored, and the data of its answer is discarded. */
  request(rpc: RpcName, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': rpcPath(rpc),
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.on('error', () => undefined);
    return stream.resume();
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }
}

/** Returns the gRPC status of a call, or undefined if the call is reset. */
export function statusOf(stream: ClientHttp2Stream): Promise<string | undefined> {
  return new Promise((resolve) => {
    for (const event of ['response', 'trailers'] as const) {
      stream.on(event, (fields: IncomingHttpHeaders) => {
        const { 'grpc-status': found } = fields;
        if (found !== undefined) resolve(String(found));
      });
    }
    stream.once('close', () => resolve(undefined));
  });
}
