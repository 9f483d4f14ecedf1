import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PlainSignal, type Signal } from '../../base/signal.ts';
import { type Answer, jsonAnswer } from '../http/answer.ts';
import type { HealthState } from '../service/serving.ts';
import { requestMessageOf, rpcOf } from './request-message.ts';

/** The end of the head of a response without a body. The server then closes the connection. */
const closing = '\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** The hooks of the HTTP server. */
export const httpHooks = {
  httpRpcOf: rpcOf,
  httpMessageOf: requestMessageOf,
  /** Returns the answer of `GET /health` (HTTP-2). */
  healthAnswer: (health: HealthState): Answer => jsonAnswer(200, JSON.stringify(health)),
  /** Sends a whole answer (HTTP-5). */
  sendAnswer: (outgoing: ServerResponse, { status, headers, body }: Answer): void => {
    const length = status === 204 ? {} : { 'content-length': body.length };
    outgoing.writeHead(status, { ...headers, ...length }).end(body);
  },
  /** Returns the body of a request that ends early, or undefined to give up the request (HTTP-9). */
  incompleteBody: (_received: Uint8Array): Uint8Array | undefined => undefined,
  /** Returns the answer to a stream that does not open (HTTP-6). */
  streamAnswer: (answer: Answer, _incoming: IncomingMessage): Answer => answer,
  /** Ends the body of a stream (HTTP-6). */
  endStream: (outgoing: ServerResponse): void => {
    outgoing.end();
  },
  /** Breaks a started stream. HTTP has no other way to report a failure after the head (HTTP-6). */
  breakStream: (outgoing: ServerResponse): void => {
    outgoing.destroy();
  },
  /** Returns a signal that is aborted when the client closes the connection of a call (HTTP-7). */
  clientGone: (outgoing: ServerResponse): Signal => {
    const gone = new PlainSignal();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort(undefined);
    });
    return gone;
  },
  /**
   * Options of the HTTP server (HTTP-8, HTTP-9). Only the gateway closes idle connections. If the runtime closed one, it
   * could lose a request in flight.
   */
  httpServerOptions: { keepAliveTimeout: 0, requestTimeout: 0 } as ServerOptions,
  /** Returns the connection for the HTTP server. */
  acceptHttp: (connection: Duplex): Duplex => connection,
  /**
   * Answers bytes that are not a request. The connection ends, because its framing is lost (HTTP-9).
   * @param _code the error code of the parser
   */
  refuseMalformed: (connection: Duplex, _code: string | undefined): void => {
    connection.end(`HTTP/1.1 400 Bad Request${closing}`);
  },
  /** Answers CONNECT, and methods that Node does not know. It does not handle them as it does the others (HTTP-3). */
  refuseMethod: (connection: Duplex): void => {
    connection.end(`HTTP/1.1 405 Method Not Allowed${closing}`);
  },
};
export type HttpHooks = typeof httpHooks;
