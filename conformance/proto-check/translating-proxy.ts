import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createConnection } from 'node:net';
import { grpcStatusCode } from '../../base/grpc-status.ts';
import type { Address } from '../../runners/runner.ts';
import { socketOptions } from '../wire/connection.ts';
import { Reframing } from './reframing.ts';
import type { TranslatedCall } from './translation.ts';

export interface TranslatingProxyOptions {
  /** Where the target listens. */
  readonly target: Address;
  /** The path of the socket on which the proxy listens. */
  readonly path: string;
  /** How a call to this path is made of the target. */
  readonly translate: (path: string) => TranslatedCall;
}

/**
 * Translates every call between the engine and a target. Each connection has one of its own to the target; resets,
 * headers and trailers pass in both directions. Disposing of the proxy ends all connections.
 */
export class TranslatingProxy implements AsyncDisposable {
  readonly #server: Http2Server;
  readonly #options: TranslatingProxyOptions;
  readonly #sessions = new Set<ServerHttp2Session | ClientHttp2Session>();

  private constructor(options: TranslatingProxyOptions) {
    this.#options = options;
    this.#server = createServer({ maxSessionMemory: 64 });
    this.#server.on('session', (session) => this.#join(session));
    // An error of a connection ends that connection, and the engine sees it.
    this.#server.on('sessionError', () => {});
  }

  /** Begins to listen. */
  static async open(options: TranslatingProxyOptions): Promise<TranslatingProxy> {
    const proxy = new TranslatingProxy(options);
    proxy.#server.listen(options.path);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #join(session: ServerHttp2Session): void {
    const { target } = this.#options;
    const upstream = connect('http://localhost', {
      createConnection: () => createConnection(socketOptions(target)),
      settings: { enablePush: false },
      maxSessionMemory: 64,
    });
    for (const each of [session, upstream]) {
      this.#sessions.add(each);
      each.on('error', () => {});
      each.on('close', () => this.#sessions.delete(each));
    }
    session.on('close', () => upstream.destroy());
    upstream.on('close', () => session.destroy());
    upstream.on('goaway', () => session.close());
    session.on('stream', (stream, headers) => this.#forward(stream, headers, upstream));
  }

  #forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ClientHttp2Session): void {
    stream.on('error', () => {});
    const call = this.#options.translate(String(headers[':path']));
    if (call.kind === 'gone') {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': unimplemented },
        { endStream: true },
      );
      return;
    }
    if (upstream.destroyed || upstream.closed) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    const request = upstream.request(
      { ...passedOn(headers), ':path': call.path },
      { endStream: false, waitForTrailers: false },
    );
    request.on('error', () => {});
    stream.on('aborted', () => request.close(stream.rstCode || constants.NGHTTP2_CANCEL));
    stream.pipe(new Reframing(call.request)).pipe(request);
    answer(stream, request, call.response);
  }
}

const unimplemented = String(grpcStatusCode('UNIMPLEMENTED'));

function answer(
  stream: ServerHttp2Stream,
  request: ClientHttp2Stream,
  translate: (bytes: Uint8Array) => Uint8Array,
): void {
  let trailers: IncomingHttpHeaders = {};
  request.on('trailers', (received) => {
    trailers = received;
  });
  request.on('response', (headers, flags) => {
    if (stream.destroyed || stream.headersSent) return;
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(passedOn(headers), { endStream: true });
      return;
    }
    stream.on('wantTrailers', () => {
      if (!stream.destroyed) stream.sendTrailers(passedOn(trailers));
    });
    stream.respond(passedOn(headers), { waitForTrailers: true });
    request.pipe(new Reframing(translate)).pipe(stream);
  });
  request.on('close', () => {
    if (stream.destroyed || stream.closed) return;
    const { rstCode } = request;
    if (rstCode !== constants.NGHTTP2_NO_ERROR || !stream.headersSent) {
      stream.close(rstCode === constants.NGHTTP2_NO_ERROR ? constants.NGHTTP2_INTERNAL_ERROR : rstCode);
    }
  });
}

/** Header fields for the other side, without those of one hop. */
function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && name !== 'connection' && name !== 'host',
    ),
  );
}
