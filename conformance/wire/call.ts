import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { addAbortSignal } from 'node:stream';
import { errorMessage } from '../../base/error-message.ts';
import type { CallEnd } from './call-end.ts';
import {
  type CallEvent,
  type CallState,
  initialState,
  isGivenUp,
  readTrailers,
  transition,
} from './call-state.ts';
import { encodeLengthPrefixed } from './length-prefix.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { ResendableRequest } from './resendable-request.ts';
import type { WireLog } from './wire-log.ts';

export interface CallOptions {
  /** `:path`, such as `/package.Service/Method`. */
  readonly path: string;
  /** Overrides of the ordinary request headers of gRPC; null removes one. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Sent as `grpc-timeout`, and enforced here as every gRPC client does. Milliseconds. */
  readonly deadlineMs?: number;
  /** The largest message accepted, in bytes, inflated or not. */
  readonly receiveLimit: number;
}

/** The HTTP/2 stream of a call, with its request headers sent. */
export interface BegunStream {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
}

/** What a connection gives to a call that it begins. */
export interface CallParts {
  readonly begun: BegunStream;
  readonly name: string;
  readonly log: WireLog;
  readonly options: CallOptions;
  /**
   * Finds a connection for a call whose stream the target refused unseen, and gives the function that begins the call
   * there with the rest of its deadline in milliseconds. May reject.
   */
  readonly elsewhere: () => Promise<(deadlineMs: number | undefined) => BegunStream>;
}

/**
 * One gRPC call over an HTTP/2 stream: bytes in, messages and one end out. `call-state.ts` says what each event of the
 * stream means; this class carries it out.
 */
export class Call {
  readonly name: string;
  /** Settles when nothing more will come. Never rejects. */
  readonly ended: Promise<CallEnd>;
  readonly #parts: CallParts;
  readonly #log: WireLog;
  readonly #request: ResendableRequest;
  readonly #received: ReceiveBuffer;
  readonly #settle: (end: CallEnd) => void;
  readonly #deadline: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  #begun: BegunStream;
  #state: CallState = initialState;

  constructor(parts: CallParts) {
    const { begun, name, log, options } = parts;
    const { receiveLimit, headers, deadlineMs } = options;
    this.name = name;
    this.#parts = parts;
    this.#log = log;
    this.#begun = begun;
    this.#request = new ResendableRequest(begun.stream);
    const acceptsGzip = headers?.['grpc-accept-encoding']?.includes('gzip') ?? false;
    this.#received = new ReceiveBuffer(begun.stream, { receiveLimit, acceptsGzip });
    if (deadlineMs !== undefined) {
      const timer = setTimeout(() => this.#onDeadline(deadlineMs), deadlineMs);
      this.#deadline = { at: performance.now() + deadlineMs, timer };
    }
    let settle: (end: CallEnd) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    this.#listen();
  }

  /** When the first message arrived, on the clock of `performance.now()`. */
  get firstMessageAt(): number | undefined {
    return this.#received.firstMessageAt;
  }

  /** Sends a message in its length prefix. */
  send(message: Uint8Array): void {
    this.sendBytes(encodeLengthPrefixed(message));
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): void {
    this.#request.write(bytes);
  }

  /** Settles when the connection has taken the bytes sent so far, or the call has ended. Never rejects. */
  async flushed(): Promise<void> {
    await Promise.race([this.#request.flushed, this.ended]);
  }

  /** Half-closes the call. */
  sendEnd(): void {
    this.#request.end();
  }

  /** Cancels the call: RST_STREAM with CANCEL. */
  cancel(): void {
    this.#giveUp({ kind: 'cancel' });
  }

  /** Gives up a call that no gRPC client could continue: it ends as INTERNAL, with this reason. */
  refuse(problem: string): void {
    this.#apply({ kind: 'refuse', problem });
  }

  /** The next message, or undefined when the call has ended and every message is read. */
  next(): Promise<Buffer | undefined> {
    return this.#received.next();
  }

  #listen(): void {
    const { stream } = this.#begun;
    stream.once('close', () => this.#onClose());
    stream.on('headers', () => this.#apply({ kind: 'interim-response' }));
    stream.on('response', (headers) => this.#onResponse(headers));
    stream.on('trailers', (headers) => this.#onTrailers(headers));
    stream.on('data', (bytes: Buffer) => this.#onData(bytes));
    stream.on('end', () => {
      this.#apply({ kind: 'response-ended' });
      // The status ends the call for both sides. Like gRPC clients, the kit says so by a reset without error, and does
      // not pretend that its request is complete.
      if (!stream.writableEnded) stream.destroy();
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_HTTP2_ERROR') this.#apply({ kind: 'http2-error', message: error.message });
      // "close" always follows, and judges it.
      if (!isGivenUp(this.#state)) this.#log.add(this.name, 'local', error.message);
    });
  }

  /** Every change of state, and what this side does because of it. */
  #apply(event: CallEvent): void {
    const before = this.#state;
    const after = transition(before, event);
    this.#state = after;
    if (before.phase === 'ended') return;
    if (after.phase === 'ended') this.#finish(after.end);
    else if (after.isReset && !before.isReset) this.#reset();
    else if (after.phase === 'resending' && before.phase !== 'resending') {
      this.#sendAgain().catch(() => this.#applyClose());
    }
  }

  #onResponse(headers: IncomingHttpHeaders): void {
    this.#request.forget();
    const type = headers['content-type'] ?? '(none)';
    this.#log.add(this.name, 'received', `HEADERS :status ${headers[':status']} content-type ${type}`);
    this.#apply({ kind: 'head', headers });
    // A trailers-only response carries its status here.
    if (headers['grpc-status'] !== undefined) this.#onTrailers(headers);
  }

  #onTrailers(headers: IncomingHttpHeaders): void {
    const { status, message } = readTrailers(headers);
    const text = `TRAILERS grpc-status ${String(status ?? '(none)')} ${message}`;
    this.#log.add(this.name, 'received', text.trimEnd());
    this.#apply({ kind: 'trailers', headers });
  }

  #onData(bytes: Buffer): void {
    const state = this.#state;
    if (state.phase !== 'head-received' || state.httpStatus !== 200) {
      this.#apply({ kind: 'page', bytes: bytes.length });
      return;
    }
    try {
      this.#received.push(bytes);
    } catch (error) {
      this.refuse(errorMessage(error));
    }
  }

  #onDeadline(deadlineMs: number): void {
    this.#log.add(this.name, 'local', `the deadline of ${deadlineMs} ms passed`);
    this.#giveUp({ kind: 'deadline' });
  }

  #onClose(): void {
    const { rstCode = 0 } = this.#begun.stream;
    const state = this.#state;
    if (rstCode !== 0 && state.phase !== 'ended' && state.status === undefined && !isGivenUp(state)) {
      this.#log.add(this.name, 'received', `RST_STREAM error code ${rstCode}`);
    }
    this.#applyClose();
  }

  #applyClose(): void {
    const { stream, session } = this.#begun;
    const { tornMessage } = this.#received;
    const reset = stream.rstCode ?? 0;
    this.#apply({ kind: 'closed', reset, connectionEnded: session.destroyed, tornMessage });
  }

  #giveUp(event: { readonly kind: 'cancel' | 'deadline' }): void {
    const state = this.#state;
    if (state.phase !== 'ended' && state.givenUp === undefined) {
      this.#log.add(this.name, 'sent', 'RST_STREAM CANCEL');
    }
    this.#apply(event);
  }

  /**
   * Resets the stream. By an abort, because Node half-closes a stream that is closed, and the target would see a complete
   * request before the reset.
   */
  #reset(): void {
    const { stream } = this.#begun;
    stream.removeAllListeners('data');
    // Not while bytes of the connection are being read: a GOAWAY among them may hold back the HEADERS that still wait to
    // be sent. Node would send the RST_STREAM all the same, which is a connection error to the peer (RFC 9113 section
    // 5.1, idle).
    setImmediate(() => addAbortSignal(AbortSignal.abort(), stream));
  }

  async #sendAgain(): Promise<void> {
    const begin = await this.#parts.elsewhere();
    if (isGivenUp(this.#state)) return this.#applyClose();
    this.#log.add(this.name, 'local', 'refused before it was begun: sent again');
    const { at } = this.#deadline ?? {};
    this.#begun = begin(at === undefined ? undefined : Math.max(1, Math.ceil(at - performance.now())));
    this.#apply({ kind: 'sent-again' });
    this.#listen();
    this.#received.readFrom(this.#begun.stream);
    this.#request.resendOn(this.#begun.stream);
  }

  #finish(end: CallEnd): void {
    clearTimeout(this.#deadline?.timer);
    this.#request.forget();
    this.#received.end();
    this.#settle(end);
  }
}
