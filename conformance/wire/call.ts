import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { addAbortSignal } from 'node:stream';
import { errorMessage } from '../../base/error-message.ts';
import { type CallEnd, judgeEnd } from './call-end.ts';
import { decodeGrpcMessage, type GrpcStatusName, grpcStatusName } from './grpc-status.ts';
import { encodeLengthPrefixed, LengthPrefixDecoder, prefixBytes } from './length-prefix.ts';
import { receiveBudget } from './receive-budget.ts';
import type { WireLog } from './wire-log.ts';

/** Bytes of unread messages above which a call stops reading, so that HTTP/2 flow control reaches the target. */
const readAheadBytes = 1 << 20;
/** What an unread message takes besides its bytes: without it, empty messages would be read ahead without end. */
const messageOverheadBytes = 256;
/** How much of a page is let pass for the `grpc-status` that may follow it, in bytes. */
const maxPageBytes = 1 << 20;
/** RFC 9110 section 15.2 lets any number come before a response; gRPC needs none. */
const maxInterimResponses = 100;
/**
 * How often a call is sent again that the target has refused unseen. gRPC clients do so once for one that went out, and
 * without end for one that did not (gRFC A6); the two are not told apart here.
 */
const maxResends = 10;

export interface CallOptions {
  /** `:path`, such as `/package.Service/Method`. */
  readonly path: string;
  /** Laid over the ordinary request headers of gRPC; null removes one. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Sent as `grpc-timeout`, and enforced here as every gRPC client does. Milliseconds. */
  readonly deadlineMs?: number;
  /** The largest message taken, in bytes, inflated or not. */
  readonly receiveLimit: number;
}

/** The HTTP/2 stream of a call, with its request headers sent. */
export interface BegunStream {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
}

/** What a call is made of, given by its connection. */
export interface CallParts {
  readonly begun: BegunStream;
  readonly name: string;
  readonly log: WireLog;
  readonly options: CallOptions;
  /**
   * Finds a connection for a call that this one has refused unseen, and gives what begins it there, with what is left
   * of its deadline in milliseconds. May reject.
   */
  readonly elsewhere: () => Promise<(deadlineMs: number | undefined) => BegunStream>;
}

/**
 * One gRPC call over an HTTP/2 stream: bytes in, messages and one end out. Where the target refuses the stream unseen
 * (REFUSED_STREAM, or by GOAWAY: RFC 9113 section 8.7), the call is sent again, as gRPC clients do.
 */
export class Call {
  readonly name: string;
  /** When the first message was there, as `performance.now()` tells it. */
  firstMessageAt: number | undefined;
  /** Settles when nothing more will come. Never rejects. */
  readonly ended: Promise<CallEnd>;
  readonly #parts: CallParts;
  readonly #log: WireLog;
  #begun: BegunStream;
  /** What was sent, as long as it may have to be sent again. */
  #sent: Uint8Array[] | undefined = [];
  #halfClosed = false;
  #resends = 0;
  readonly #settle: (end: CallEnd) => void;
  readonly #deadline: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  readonly #decoder: LengthPrefixDecoder;
  readonly #messages: Buffer[] = [];
  #unreadBytes = 0;
  #written: Promise<void> = Promise.resolve();
  #waiting: (() => void) | undefined;
  /** Whether the receive budget keeps this call from reading. */
  #waitsForRoom = false;
  #interimResponses = 0;
  #pageBytes = 0;
  #finished = false;
  #responseEnded = false;
  #cancelled = false;
  #deadlinePassed = false;
  #httpStatus: number | undefined;
  #status: { name: GrpcStatusName; message: string } | undefined;
  #problem: string | undefined;
  #http2Error: string | undefined;

  constructor(parts: CallParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#log = parts.log;
    const { receiveLimit, headers } = parts.options;
    const takesGzip = headers?.['grpc-accept-encoding']?.includes('gzip') ?? false;
    this.#decoder = new LengthPrefixDecoder(receiveLimit, takesGzip);
    const { deadlineMs } = parts.options;
    this.#deadline =
      deadlineMs === undefined
        ? undefined
        : {
            at: performance.now() + deadlineMs,
            timer: setTimeout(() => this.#onDeadline(deadlineMs), deadlineMs),
          };
    let settle: (end: CallEnd) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    this.#begun = parts.begun;
    this.#listen();
  }

  get #stream(): ClientHttp2Stream {
    return this.#begun.stream;
  }

  #listen(): void {
    const stream = this.#stream;
    stream.once('close', () => this.#onClose());
    stream.on('response', (headers) => this.#onResponse(headers));
    stream.on('headers', () => {
      this.#interimResponses += 1;
      if (this.#interimResponses > maxInterimResponses) {
        this.refuse(`the call floods: more than ${maxInterimResponses} interim responses`);
      }
    });
    stream.on('trailers', (headers) => this.#onTrailers(headers));
    stream.on('data', (bytes: Buffer) => this.#onData(bytes));
    stream.on('end', () => {
      this.#responseEnded = true;
      // The status ends the call for both sides. As clients of gRPC do, this one says so by a reset without error, and
      // does not pretend that its request has come whole.
      if (!stream.writableEnded) stream.destroy();
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_HTTP2_ERROR') this.#http2Error = error.message;
      // It is always followed by "close", where it is judged.
      if (!this.#isGivenUp()) this.#log.add(this.name, 'local', error.message);
    });
  }

  /** Sends a message in its length prefix. */
  send(message: Uint8Array): void {
    this.sendBytes(encodeLengthPrefixed(message));
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): void {
    if (!this.#halfClosed && !this.#finished) this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    this.#sent?.push(bytes);
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    this.#written = new Promise((resolve) => {
      this.#stream.write(bytes, () => resolve());
    });
  }

  /** Settles when the connection has taken what was sent so far, or the call has ended. Never rejects. */
  async flushed(): Promise<void> {
    await Promise.race([this.#written, this.ended]);
  }

  /** Half-closes the call. */
  sendEnd(): void {
    this.#halfClosed = true;
    this.#endStream();
  }

  #endStream(): void {
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.end();
  }

  /** RST_STREAM with CANCEL. */
  cancel(): void {
    if (this.#finished || this.#cancelled) return;
    this.#cancelled = true;
    this.#log.add(this.name, 'sent', 'RST_STREAM CANCEL');
    this.#close();
  }

  /** Gives the call up as one that no gRPC client could go on with: it ends as INTERNAL, with this reason. */
  refuse(problem: string): void {
    if (this.#finished) return;
    this.#problem ??= problem;
    this.#close();
  }

  /** The next message, or undefined when the call has ended and all are read. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        this.#unreadBytes -= message.length + messageOverheadBytes;
        receiveBudget.release(this, message.length + prefixBytes);
        this.#readOn();
        return message;
      }
      if (this.#finished) return undefined;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** For the receive budget. */
  goOn(): void {
    this.#waitsForRoom = false;
    this.#readOn();
  }

  #readOn(): void {
    if (this.#isFull() || !this.#stream.isPaused()) return;
    this.#stream.resume();
  }

  #isFull(): boolean {
    return this.#waitsForRoom || this.#unreadBytes > readAheadBytes;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  #onResponse(headers: IncomingHttpHeaders): void {
    this.#sent = undefined;
    this.#httpStatus = Number(headers[':status']);
    const contentType = headers['content-type'];
    this.#log.add(
      this.name,
      'received',
      `HEADERS :status ${this.#httpStatus} content-type ${contentType ?? '(none)'}`,
    );
    if (this.#httpStatus === 200 && !/^application\/grpc($|[+;])/.test(contentType ?? '')) {
      this.#problem ??= `the content-type of the response is ${contentType ?? 'missing'}, not application/grpc`;
    }
    // A trailers-only response has its status here.
    if (headers['grpc-status'] !== undefined) this.#onTrailers(headers);
  }

  #onTrailers(headers: IncomingHttpHeaders): void {
    const status = headers['grpc-status'];
    const message = headers['grpc-message'];
    const text = typeof message === 'string' ? decodeGrpcMessage(message) : '';
    this.#log.add(
      this.name,
      'received',
      `TRAILERS grpc-status ${String(status ?? '(none)')} ${text}`.trimEnd(),
    );
    // For whoever has cancelled, the call is over: what was on its way counts no more.
    if (typeof status !== 'string' || this.#cancelled) return;
    const name = grpcStatusName(status);
    if (name === undefined) this.#problem ??= `grpc-status is "${status}", no status of gRPC`;
    this.#status = { name: name ?? 'UNKNOWN', message: text };
  }

  #onData(bytes: Buffer): void {
    // The page of an HTTP server that says no: its status is all that counts.
    if (this.#httpStatus !== 200) {
      this.#pageBytes += bytes.length;
      if (this.#pageBytes > maxPageBytes) {
        this.refuse(`HTTP status ${this.#httpStatus} with a page of more than 1 MiB`);
      }
      return;
    }
    this.#waitsForRoom = receiveBudget.hold(this, bytes.length);
    try {
      for (const message of this.#decoder.push(bytes)) {
        this.firstMessageAt ??= performance.now();
        this.#messages.push(message);
        this.#unreadBytes += message.length + messageOverheadBytes;
      }
    } catch (error) {
      this.refuse(errorMessage(error));
    }
    if (this.#isFull() && !this.#stream.closed) this.#stream.pause();
    this.#wake();
  }

  /**
   * Resets the stream. By an abort, since Node half-closes a stream that is closed, and the target would see a whole
   * request before the reset.
   */
  #close(): void {
    const stream = this.#stream;
    stream.removeAllListeners('data');
    // Not while bytes of the connection are read: a GOAWAY among them may keep back the HEADERS that still wait to be
    // sent, and Node would send the RST_STREAM all the same, to a peer for which it is a connection error
    // (RFC 9113 section 5.1, idle).
    setImmediate(() => addAbortSignal(AbortSignal.abort(), stream));
  }

  #onDeadline(deadlineMs: number): void {
    if (this.#finished) return;
    this.#deadlinePassed = true;
    this.#log.add(this.name, 'local', `the deadline of ${deadlineMs} ms passed`);
    this.cancel();
  }

  #onClose(): void {
    const { rstCode = 0 } = this.#stream;
    if (rstCode !== 0 && this.#status === undefined && !this.#isGivenUp()) {
      this.#log.add(this.name, 'received', `RST_STREAM error code ${rstCode}`);
    }
    const wasSeen = rstCode !== constants.NGHTTP2_REFUSED_STREAM || this.#sent === undefined;
    if (wasSeen || this.#isGivenUp() || this.#resends === maxResends) {
      this.#finish();
      return;
    }
    this.#resends += 1;
    this.#sendAgain().catch(() => this.#finish());
  }

  #isGivenUp(): boolean {
    return this.#cancelled || this.#problem !== undefined;
  }

  async #sendAgain(): Promise<void> {
    const begin = await this.#parts.elsewhere();
    if (this.#isGivenUp()) return this.#finish();
    this.#log.add(this.name, 'local', 'refused before it was begun: sent again');
    const { at } = this.#deadline ?? {};
    this.#begun = begin(at === undefined ? undefined : Math.max(1, Math.ceil(at - performance.now())));
    this.#responseEnded = false;
    this.#listen();
    const sent = this.#sent ?? [];
    this.#sent = [];
    for (const bytes of sent) this.#write(bytes);
    if (this.#halfClosed) this.#endStream();
  }

  #finish(): void {
    this.#finished = true;
    clearTimeout(this.#deadline?.timer);
    receiveBudget.release(this);
    // Whoever fails a call may leave off amid a message.
    if (this.#status?.name === 'OK' && !this.#isGivenUp()) {
      try {
        this.#decoder.end();
      } catch (error) {
        this.#problem = errorMessage(error);
      }
    }
    this.#wake();
    const end = judgeEnd({
      problem: this.#problem,
      status: this.#status,
      httpStatus: this.#httpStatus,
      responseEnded: this.#responseEnded,
      deadlinePassed: this.#deadlinePassed,
      cancelled: this.#cancelled,
      connectionEnded: this.#begun.session.destroyed,
      http2Error: this.#http2Error,
      reset: this.#stream.rstCode ?? 0,
    });
    this.#settle(end);
  }
}
