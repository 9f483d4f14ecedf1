import type { Settings } from 'node:http2';
import type { CallEnd } from './call-end.ts';

/** Options of a call. */
export interface CallOptions {
  /** `:path`, such as `/package.Service/Method`. */
  readonly path: string;
  /** Overrides of the default request headers of gRPC. Null removes a header. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Trailer fields of the request. gRPC clients do not send any, but HTTP/2 permits them. */
  readonly trailers?: Readonly<Record<string, string>>;
  /** The deadline in milliseconds. The call enforces it, and sends it as `grpc-timeout` over gRPC. */
  readonly deadlineMs?: number;
  /** Maximum size of a message in bytes, compressed or not. */
  readonly receiveLimit: number;
}

/** One call to a runtime, over either protocol. It sends and receives messages of the proto module. */
export interface RuntimeCall {
  readonly name: string;
  /** Settles when the call has ended. Never rejects. */
  readonly ended: Promise<CallEnd>;
  /** Arrival time of the first message, on the clock of `performance.now()`. */
  readonly firstMessageAt: number | undefined;
  /** Sends an encoded message. @throws NotExpressibleError if the protocol cannot carry it */
  send(message: Uint8Array): void;
  /** Sends bytes unchanged. @throws NotExpressibleError if the protocol is not gRPC */
  sendBytes(bytes: Uint8Array): void;
  /** Settles when the connection has accepted the bytes sent so far, or the call has ended. Never rejects. */
  flushed(): Promise<void>;
  /** Ends the request. */
  sendEnd(): void;
  cancel(): void;
  /** Ends the call as INTERNAL with this reason, because no client could continue it. */
  refuse(problem: string): void;
  /** Returns the next message, or undefined when the call has ended and every message is read. */
  next(): Promise<Buffer | undefined>;
}

/** A connection to a runtime, whatever its protocol. Its owner closes it. */
export interface RuntimeConnection extends Disposable {
  readonly name: string;
  /** Whether it accepts further calls. */
  readonly usable: boolean;
  /** Whether the target has ended the connection normally, so that further calls need another one. */
  readonly isGivenUp: boolean;
  /**
   * Starts a call. The caller sends its messages and ends the request.
   * @throws ConnectError if the connection has ended
   */
  call(options: CallOptions): RuntimeCall;
  /**
   * Sends a PING. Resolves to false if the connection ended before its acknowledgement.
   * @throws NotExpressibleError if the protocol is not gRPC
   */
  ping(): Promise<boolean>;
  /**
   * Changes the settings of the connection.
   * @returns whether the target acknowledged them before the connection ended
   * @throws NotExpressibleError if the protocol is not gRPC
   */
  changeSettings(settings: Settings): Promise<boolean>;
  /** Destroys the connection immediately, like a crashed peer. */
  destroy(): void;
}

/** Thrown for a part of a call that the protocol of the socket cannot carry. The message names the part. */
export class NotExpressibleError extends Error {
  override readonly name = 'NotExpressibleError';
  readonly code = 'not-expressible';
}
