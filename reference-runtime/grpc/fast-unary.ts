import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Metadata, Server, ServerOptions, ServerUnaryCall, StatusObject } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { encodeLengthPrefixed, prefixBytes } from '../../base/length-prefix.ts';
import { trackStream } from '../http2/client-connection.ts';

/** A method of a server, as grpc-js stores it. */
interface UnaryMethod {
  readonly type: string;
  readonly func: (call: ServerUnaryCall<unknown, unknown>, answer: Answer) => void;
  serialize(value: unknown): Buffer;
  deserialize(bytes: Buffer): unknown;
}

type Status = Partial<Pick<StatusObject, 'code' | 'details'>>;
type Answer = (error: Status | null, value?: unknown, trailer?: Metadata) => void;
type StreamHandler = (interceptors: unknown, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

const statusHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' };
const responseHeaders = {
  ...statusHeaders,
  'grpc-accept-encoding': 'identity,deflate,gzip',
  'grpc-encoding': 'identity',
};

const waitForTrailers = { waitForTrailers: true };
const ok: Status = { code: status.OK, details: 'OK' };
const okTrailers = { 'grpc-status': status.OK, 'grpc-message': 'OK' };

/** The largest delay of a timer, which is more than 24 days. A call with a later deadline never expires (RPC-17). */
const maxTimerMs = 2 ** 31 - 1;
const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * Lets a server of grpc-js answer plain unary calls directly on their HTTP/2 stream. They are the hot path of a runtime,
 * and for each of them, grpc-js creates objects for metadata, interceptors, compression and events that the runtime
 * does not use. `npm run prove -- fast-paths typescript` measures the cost of a call. All other calls go through grpc-js
 * as usual: streams, compressed messages, and requests that are not valid gRPC.
 *
 * grpc-js has no public API for this. `_streamHandler` receives each new stream, and `handlers` has the methods.
 * @returns false if this version of grpc-js has no such members. All calls then go through grpc-js.
 */
export function answerUnaryDirectly(server: Server, options: ServerOptions): boolean {
  const general: unknown = Reflect.get(server, '_streamHandler');
  const methods: unknown = Reflect.get(server, 'handlers');
  const opened: unknown = Reflect.get(server, 'onStreamOpened');
  if (typeof general !== 'function' || typeof opened !== 'function' || !(methods instanceof Map)) {
    return false;
  }
  const limits = {
    receive: options['grpc.max_receive_message_length'] ?? -1,
    send: options['grpc.max_send_message_length'] ?? -1,
  };
  const handle: StreamHandler = (interceptors, stream, headers) => {
    const method: UnaryMethod | undefined = methods.get(headers[':path']);
    const timeoutMs = timeoutOf(headers);
    if (method?.type !== 'unary' || timeoutMs === undefined || !isPlain(headers)) {
      Reflect.apply(general, server, [interceptors, stream, headers]);
      return;
    }
    Reflect.apply(opened, server, [stream]);
    new UnaryCall(stream, method, { limits, timeoutMs });
  };
  return Reflect.set(server, '_streamHandler', handle);
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const { 'content-type': type, 'grpc-encoding': encoding = 'identity' } = headers;
  return type?.startsWith('application/grpc') === true && encoding === 'identity';
}

/** Returns the time until the deadline in milliseconds, Infinity without one, or undefined if the field is invalid. */
function timeoutOf({ 'grpc-timeout': text }: IncomingHttpHeaders): number | undefined {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(text)) ?? [];
  if (digits === undefined) return undefined;
  const milliseconds = Math.floor(Number(digits) * (unitMs[unit] ?? 1));
  return milliseconds > maxTimerMs ? Number.POSITIVE_INFINITY : milliseconds;
}

interface Limits {
  readonly receive: number;
  readonly send: number;
}

interface CallOptions {
  readonly limits: Limits;
  /** Milliseconds until the deadline, or Infinity. */
  readonly timeoutMs: number;
}

/** The end of a call, as its trailers report it. */
interface CallEnd {
  readonly status: Status;
  readonly trailer?: Metadata | undefined;
}

/** A unary call on its stream. */
class UnaryCall {
  readonly #stream: ServerHttp2Stream;
  readonly #method: UnaryMethod;
  readonly #limits: Limits;
  readonly #deadline: number;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #cancelListeners: (() => void)[] = [];
  /** The request so far. Undefined when it is complete or given up. */
  #pieces: Buffer[] | undefined = [];
  #received = 0;
  #end: CallEnd | undefined;
  #isCancelled = false;

  constructor(stream: ServerHttp2Stream, method: UnaryMethod, { limits, timeoutMs }: CallOptions) {
    this.#stream = stream;
    this.#method = method;
    this.#limits = limits;
    this.#deadline = Date.now() + timeoutMs;
    if (timeoutMs !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#expire(), timeoutMs);
    trackStream(stream);
    // The event `close` follows every error.
    stream.on('error', () => {});
    stream.on('data', (bytes: Buffer) => this.#receive(bytes));
    stream.on('end', () => this.#begin());
    stream.on('close', () => {
      clearTimeout(this.#timer);
      this.#cancel();
    });
  }

  get #isClosed(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  #receive(bytes: Buffer): void {
    if (this.#pieces === undefined) return;
    this.#pieces.push(bytes);
    this.#received += bytes.length;
    const refusal = refusalOf(this.#pieces, this.#received, this.#limits.receive);
    if (refusal === undefined) return;
    this.#pieces = undefined;
    this.#finish({ status: refusal });
  }

  /** Passes the complete request to its handler. */
  #begin(): void {
    const pieces = this.#pieces;
    // A reset also ends the readable side.
    if (pieces === undefined || this.#end !== undefined || this.#isClosed) return;
    this.#pieces = undefined;
    const [first] = pieces;
    const whole = first?.length === this.#received ? first : Buffer.concat(pieces, this.#received);
    if (whole.length < prefixBytes || whole.length < sizeOf(whole)) {
      this.#finish({ status: { code: status.UNIMPLEMENTED, details: 'Received no request message' } });
      return;
    }
    const request = this.#method.deserialize(whole.subarray(prefixBytes));
    this.#method.func(this.#callWith(request), (error, value, trailer) => {
      if (this.#end !== undefined || this.#isClosed) return;
      if (error === null) this.#answer(this.#method.serialize(value), trailer);
      else this.#finish({ status: error, trailer });
    });
  }

  /** Returns the call as its handler sees it, with the members of `ServerUnaryCall` that handlers use. */
  #callWith(request: unknown): ServerUnaryCall<unknown, unknown> {
    const isCancelled = () => this.#isCancelled;
    const call = {
      request,
      stream: this.#stream,
      get cancelled() {
        return isCancelled();
      },
      once: (_event: 'cancelled', listener: () => void) => this.#cancelListeners.push(listener),
      getDeadline: () => this.#deadline,
      sendMetadata: (metadata: Metadata) => this.#respond(metadata.toHttp2Headers()),
    };
    return call as unknown as ServerUnaryCall<unknown, unknown>;
  }

  #answer(message: Buffer, trailer: Metadata | undefined): void {
    const { send } = this.#limits;
    if (send !== -1 && message.length > send) {
      const details = `Sent message larger than max (${message.length} vs. ${send})`;
      this.#finish({ status: { code: status.RESOURCE_EXHAUSTED, details } });
      return;
    }
    this.#end = { status: ok, trailer };
    this.#respond();
    this.#stream.end(encodeLengthPrefixed(message));
  }

  #respond(metadata?: OutgoingHttpHeaders): void {
    if (this.#stream.headersSent || this.#isClosed) return;
    this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(trailersOf(this.#end)));
    const headers = metadata === undefined ? responseHeaders : { ...responseHeaders, ...metadata };
    this.#stream.respond(headers, waitForTrailers);
  }

  /** Ends the call without a message. */
  #finish(end: CallEnd): void {
    const isEnding = this.#end !== undefined;
    this.#end = end;
    // An answer whose message is still being sent ends with this status.
    if (isEnding || this.#isClosed) return;
    if (this.#stream.headersSent) this.#stream.end();
    else this.#stream.respond({ ...statusHeaders, ...trailersOf(end) }, { endStream: true });
    // Node closes the stream only after its data has been read.
    this.#stream.resume();
  }

  #expire(): void {
    this.#finish({ status: { code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' } });
    this.#cancel();
  }

  #cancel(): void {
    this.#pieces = undefined;
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    for (const listener of this.#cancelListeners) listener();
  }
}

/** Returns the size of a message with its prefix. */
function sizeOf(bytes: Buffer): number {
  return prefixBytes + bytes.readUInt32BE(1);
}

/** Returns the status with which to refuse a request that is too large or has a second message, or undefined. */
function refusalOf(pieces: Buffer[], received: number, maxBytes: number): Status | undefined {
  if (received < prefixBytes) return undefined;
  if ((pieces[0]?.length ?? 0) < prefixBytes) pieces.splice(0, pieces.length, Buffer.concat(pieces));
  const size = sizeOf(pieces[0] ?? Buffer.alloc(prefixBytes));
  if (maxBytes !== -1 && size - prefixBytes > maxBytes) {
    const details = `Received message larger than max (${size - prefixBytes} vs ${maxBytes})`;
    return { code: status.RESOURCE_EXHAUSTED, details };
  }
  if (received <= size) return undefined;
  return { code: status.UNIMPLEMENTED, details: 'Received a second request message' };
}

function trailersOf(end: CallEnd | undefined): OutgoingHttpHeaders {
  if (end?.status === ok && end.trailer === undefined) return okTrailers;
  const { code = status.UNKNOWN, details = 'Unknown Error' } = end?.status ?? {};
  return { 'grpc-status': code, 'grpc-message': encodeURI(details), ...end?.trailer?.toHttp2Headers() };
}
