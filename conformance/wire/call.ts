import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import {
  decodeGrpcMessage,
  type GrpcStatusName,
  grpcStatusName,
  grpcStatusOfHttp,
  grpcStatusOfReset,
} from './grpc-status.ts';
import { encodeLengthPrefixed, LengthPrefixDecoder, prefixBytes } from './length-prefix.ts';
import { receiveBudget } from './receive-budget.ts';
import type { WireLog } from './wire-log.ts';

/** Bytes of unread messages above which a call stops reading, so that HTTP/2 flow control reaches the target. */
const readAheadBytes = 1 << 20;
/** What an unread message takes besides its bytes: without it, empty messages would be read ahead without end. */
const messageOverheadBytes = 256;
/** RFC 9110 section 15.2 lets any number come before a response; gRPC needs none. */
const mostInterimResponses = 100;
/** A stream that was reset has this long to close; one that waits for the target's window would never do so. */
const closeMs = 250;

/** How a call ended, as any gRPC client would report it. */
export interface CallEnd {
  readonly grpc: GrpcStatusName;
  readonly grpcMessage: string;
  /** Whether the target ended it, and not this side or the end of the connection. */
  readonly answered: boolean;
  /** The HTTP status of the response; undefined where none came. */
  readonly httpStatus: number | undefined;
  /** What was wrong with the response as gRPC, where the status had to be made up for it. */
  readonly protocolProblem: string | undefined;
}

export interface CallOptions {
  /** `:path`, such as `/package.Service/Method`. */
  readonly path: string;
  /** Laid over the ordinary request headers of gRPC; null removes one. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Sent as `grpc-timeout`, and enforced here as every gRPC client does. Milliseconds. */
  readonly deadlineMs?: number;
  /** The largest message taken, in bytes. */
  readonly receiveLimit: number;
}

/** What a call is made of, given by its connection. */
export interface CallParts {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
  readonly name: string;
  readonly log: WireLog;
  readonly options: CallOptions;
}

/** The request headers of a gRPC call. */
export function requestHeaders(options: CallOptions): Record<string, string> {
  const headers: Record<string, string | null> = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': options.path,
    ':authority': 'localhost',
    te: 'trailers',
    'content-type': 'application/grpc',
    'user-agent': 'mcp-runtime-conformance',
    ...(options.deadlineMs === undefined ? {} : { 'grpc-timeout': `${options.deadlineMs}m` }),
    ...options.headers,
  };
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** One gRPC call over an HTTP/2 stream: bytes in, messages and one end out. */
export class Call {
  readonly name: string;
  /** When the first message was there, as `performance.now()` tells it. */
  firstMessageAt: number | undefined;
  /** Settles when nothing more will come. Never rejects. */
  readonly ended: Promise<CallEnd>;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #log: WireLog;
  readonly #decoder: LengthPrefixDecoder;
  readonly #messages: Buffer[] = [];
  #unreadBytes = 0;
  #written: Promise<void> = Promise.resolve();
  #waiting: (() => void) | undefined;
  /** Whether the receive budget keeps this call from reading. */
  #waitsForRoom = false;
  #interimResponses = 0;
  #finished = false;
  #responseEnded = false;
  #cancelled = false;
  #closing: NodeJS.Timeout | undefined;
  #deadlinePassed = false;
  #httpStatus: number | undefined;
  #status: { name: GrpcStatusName; message: string } | undefined;
  #problem: string | undefined;

  constructor(parts: CallParts) {
    this.name = parts.name;
    this.#session = parts.session;
    this.#stream = parts.stream;
    this.#log = parts.log;
    this.#decoder = new LengthPrefixDecoder(parts.options.receiveLimit);
    const { deadlineMs } = parts.options;
    const timer =
      deadlineMs === undefined ? undefined : setTimeout(() => this.#onDeadline(deadlineMs), deadlineMs);
    this.ended = new Promise((resolve) => {
      parts.stream.once('close', () => {
        clearTimeout(timer);
        clearTimeout(this.#closing);
        receiveBudget.release(this);
        resolve(this.#end());
      });
    });
    parts.stream.on('response', (headers) => this.#onResponse(headers));
    parts.stream.on('headers', () => {
      this.#interimResponses += 1;
      if (this.#interimResponses > mostInterimResponses) {
        this.refuse(`the call floods: more than ${mostInterimResponses} interim responses`);
      }
    });
    parts.stream.on('trailers', (headers) => this.#onTrailers(headers));
    parts.stream.on('data', (bytes: Buffer) => this.#onData(bytes));
    parts.stream.on('end', () => {
      this.#responseEnded = true;
      // The status ends the call for both sides; where the target does not reset it, it is over only with this.
      this.sendEnd();
    });
    // An error is always followed by "close", where it is judged.
    parts.stream.on('error', (error: Error) => this.#log.add(this.name, 'local', error.message));
  }

  /** Sends a message in its length prefix. */
  send(message: Uint8Array): void {
    this.sendBytes(encodeLengthPrefixed(message));
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): void {
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
    this.#waitsForRoom = receiveBudget.hold(this, bytes.length);
    try {
      for (const message of this.#decoder.push(bytes)) {
        this.firstMessageAt ??= performance.now();
        this.#messages.push(message);
        this.#unreadBytes += message.length + messageOverheadBytes;
      }
    } catch (error) {
      this.refuse(error instanceof Error ? error.message : String(error));
    }
    if (this.#isFull() && !this.#stream.closed) this.#stream.pause();
    this.#wake();
  }

  #close(): void {
    this.#stream.close(constants.NGHTTP2_CANCEL);
    // Unread data would keep the stream from closing.
    this.#stream.removeAllListeners('data');
    this.#stream.resume();
    this.#closing ??= setTimeout(() => this.#stream.destroy(), closeMs);
  }

  #onDeadline(deadlineMs: number): void {
    if (this.#finished) return;
    this.#deadlinePassed = true;
    this.#log.add(this.name, 'local', `the deadline of ${deadlineMs} ms passed`);
    this.cancel();
  }

  #end(): CallEnd {
    this.#finished = true;
    if (this.#status !== undefined && this.#problem === undefined && !this.#cancelled) {
      try {
        this.#decoder.end();
      } catch (error) {
        this.#problem = error instanceof Error ? error.message : String(error);
      }
    }
    this.#wake();
    return { ...this.#judge(), answered: this.#responseEnded, httpStatus: this.#httpStatus };
  }

  #judge(): Omit<CallEnd, 'answered' | 'httpStatus'> {
    if (this.#problem !== undefined) {
      return { grpc: 'INTERNAL', grpcMessage: this.#problem, protocolProblem: this.#problem };
    }
    if (this.#status !== undefined) {
      return { grpc: this.#status.name, grpcMessage: this.#status.message, protocolProblem: undefined };
    }
    if (this.#deadlinePassed) return made('DEADLINE_EXCEEDED', 'the deadline passed');
    if (this.#cancelled) return made('CANCELLED', 'cancelled by this side');
    if (this.#httpStatus !== undefined && this.#httpStatus !== 200) {
      const problem = `HTTP status ${this.#httpStatus} without grpc-status`;
      return { grpc: grpcStatusOfHttp(this.#httpStatus), grpcMessage: problem, protocolProblem: problem };
    }
    const reset = this.#stream.rstCode ?? 0;
    if (this.#session.destroyed) return made('UNAVAILABLE', 'the connection ended during the call');
    if (reset !== 0) {
      this.#log.add(this.name, 'received', `RST_STREAM error code ${reset}`);
      return made(grpcStatusOfReset(reset), `reset by the target with HTTP/2 error code ${reset}`);
    }
    if (!this.#responseEnded) return made('UNAVAILABLE', 'the call was dropped without an answer');
    const problem = 'the response ended without grpc-status';
    return { grpc: 'INTERNAL', grpcMessage: problem, protocolProblem: problem };
  }
}

function made(grpc: GrpcStatusName, grpcMessage: string): Omit<CallEnd, 'answered' | 'httpStatus'> {
  return { grpc, grpcMessage, protocolProblem: undefined };
}
