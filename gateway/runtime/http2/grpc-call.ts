import { type ClientHttp2Stream, constants, type Http2Session, type IncomingHttpHeaders } from 'node:http2';
import { errorMessage } from '../../../base/error-message.ts';
import { grpcStatusCode } from '../../../base/grpc-status.ts';
import { LengthPrefixDecoder, LengthPrefixError } from '../../../base/length-prefix.ts';

/** The failure of a call on the gRPC layer. */
export interface CallFailure {
  /** The number of the gRPC status, 1 to 16. */
  readonly status: number;
  readonly details: string;
  /** Whether the runtime has refused the call before it processed it, so that the call may be sent again. */
  readonly isUnprocessed: boolean;
}

/** Receives the response to a call. */
export interface CallListener {
  /** @param bytes a message, which may be invalid protobuf. The buffer is valid until the next turn of the event loop */
  message(bytes: Buffer): void;
  /** Called once, after all messages. @param failure undefined for OK */
  end(failure: CallFailure | undefined): void;
}

/** One call on an HTTP/2 stream. It interprets the response as gRPC (RFC 9113 and the gRPC protocol over HTTP/2). */
export class GrpcCall {
  readonly #stream: ClientHttp2Stream;
  /** Kept here, because a closed stream no longer has its session. */
  readonly #session: Http2Session | undefined;
  readonly #listener: CallListener;
  readonly #decoder: LengthPrefixDecoder;
  #httpStatus = 0;
  #status: { readonly code: number; readonly details: string } | undefined;
  #problem: CallFailure | undefined;
  #error: NodeJS.ErrnoException | undefined;
  #isOver = false;

  /** @param maxBytes the maximum size of a message */
  constructor(stream: ClientHttp2Stream, maxBytes: number, listener: CallListener) {
    this.#stream = stream;
    this.#session = stream.session;
    this.#listener = listener;
    this.#decoder = new LengthPrefixDecoder(maxBytes);
    stream.on('response', (headers) => this.#onHead(headers));
    stream.on('trailers', (headers) => this.#onTrailers(headers));
    stream.on('data', (bytes: Buffer) => this.#onData(bytes));
    stream.on('end', () => {
      if (this.#status !== undefined) this.#finish(this.#result());
    });
    stream.on('error', (error) => {
      this.#error = error;
    });
    stream.on('close', () => this.#finish(this.#result()));
  }

  /** Sends the request and half-closes the call. @param message in gRPC's length-prefixed form */
  send(message: Uint8Array): void {
    this.#stream.write(message);
    this.#stream.end();
  }

  /** Stops reading, so that flow control holds back the runtime. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Cancels the call. The listener is not called any more. */
  cancel(): void {
    this.#isOver = true;
    this.#stream.close(constants.NGHTTP2_CANCEL);
    // Node closes a stream only after its data has been read.
    this.#stream.resume();
  }

  #onHead(headers: IncomingHttpHeaders & { readonly ':status'?: number }): void {
    this.#httpStatus = headers[':status'] ?? 0;
    // A response without messages has its status in the head.
    this.#onTrailers(headers);
    const type = headers['content-type'];
    if (this.#httpStatus !== 200 || type === undefined || !/^application\/grpc($|[+;])/.test(type)) {
      if (this.#status === undefined) this.#refuse(statusOfHttp(this.#httpStatus), this.#notGrpc(type));
    }
  }

  #notGrpc(type: string | undefined): string {
    return this.#httpStatus === 200
      ? `the content-type of the response is ${type ?? 'missing'}, not application/grpc`
      : `Received HTTP status code ${this.#httpStatus}`;
  }

  #onTrailers(headers: IncomingHttpHeaders): void {
    const { 'grpc-status': status, 'grpc-message': message } = headers;
    if (typeof status !== 'string') return;
    const isKnown = /^(?:\d|1[0-6])$/.test(status);
    this.#status = { code: isKnown ? Number(status) : unknown, details: decoded(message) };
  }

  #onData(bytes: Buffer): void {
    if (this.#isOver) return;
    try {
      for (const message of this.#decoder.push(bytes)) {
        this.#listener.message(message);
        // The listener may have cancelled the call.
        if (this.#isOver) return;
      }
    } catch (error) {
      if (!(error instanceof LengthPrefixError)) throw error;
      this.#refuse(error.isTooLarge ? resourceExhausted : internal, error.message);
    }
  }

  /** Gives up a response that is not valid gRPC. */
  #refuse(status: number, details: string): void {
    this.#problem = { status, details, isUnprocessed: false };
    this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#finish(this.#problem);
    this.#stream.resume();
  }

  #finish(failure: CallFailure | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.end(failure);
  }

  #result(): CallFailure | undefined {
    if (this.#status === undefined) return this.#closure();
    const { code, details } = this.#status;
    if (code !== 0) return { status: code, details, isUnprocessed: false };
    try {
      this.#decoder.end();
      return undefined;
    } catch (error) {
      return { status: internal, details: errorMessage(error), isUnprocessed: false };
    }
  }

  /** Describes the end of a call without a gRPC status. */
  #closure(): CallFailure {
    const { rstCode } = this.#stream;
    const isUnprocessed = rstCode === constants.NGHTTP2_REFUSED_STREAM && this.#httpStatus === 0;
    if (this.#session?.destroyed !== false || this.#error?.syscall !== undefined) {
      const details = this.#error?.message ?? 'Connection dropped';
      return { status: unavailable, details, isUnprocessed };
    }
    const [status, details] = resets.get(rstCode ?? 0) ?? [internal, ''];
    const reset = `Received RST_STREAM with code ${rstCode}`;
    return { status, details: details === '' ? reset : `${reset} (${details})`, isUnprocessed };
  }
}

const code = (name: Parameters<typeof grpcStatusCode>[0]): number => grpcStatusCode(name) ?? 2;
const unknown = code('UNKNOWN');
const internal = code('INTERNAL');
/** The number of the status UNAVAILABLE. */
export const unavailable = code('UNAVAILABLE');
const resourceExhausted = code('RESOURCE_EXHAUSTED');

/** The gRPC status for each HTTP/2 error code that has one of its own. */
const resets: ReadonlyMap<number, readonly [status: number, details: string]> = new Map([
  [constants.NGHTTP2_NO_ERROR, [internal, 'Call ended without gRPC status']],
  [constants.NGHTTP2_REFUSED_STREAM, [unavailable, 'Stream refused by server']],
  [constants.NGHTTP2_CANCEL, [code('CANCELLED'), 'Call cancelled']],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, [resourceExhausted, 'Bandwidth exhausted or memory limit exceeded']],
  [constants.NGHTTP2_INADEQUATE_SECURITY, [code('PERMISSION_DENIED'), 'Protocol not secure enough']],
]);

/** Maps the status of a response that is not gRPC, as the gRPC documentation does. */
function statusOfHttp(status: number): number {
  switch (status) {
    case 400:
      return internal;
    case 401:
      return code('UNAUTHENTICATED');
    case 403:
      return code('PERMISSION_DENIED');
    case 404:
      return code('UNIMPLEMENTED');
    case 429:
    case 502:
    case 503:
    case 504:
      return unavailable;
    default:
      return unknown;
  }
}

/** Decodes `grpc-message`, or returns it unchanged if its percent-encoding is invalid. */
function decoded(message: string | readonly string[] | undefined): string {
  const text = String(message ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
