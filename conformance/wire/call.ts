import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { addAbortSignal } from 'node:stream';
import { errorMessage } from '../../base/error-message.ts';
import { encodeLengthPrefixed } from '../../base/length-prefix.ts';
import type { CallEnd } from './call-end.ts';
import {
  type CallEvent,
  type CallState,
  initialState,
  isAbandoned,
  readTrailers,
  transition,
} from './call-state.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { ResendableRequest } from './resendable-request.ts';
import type { CallOptions, RuntimeCall } from './runtime-call.ts';
import type { WireLog } from './wire-log.ts';

/** The HTTP/2 stream of a call whose request headers are sent. */
export interface StartedStream {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
}

/** Inputs of a call, provided by its connection. */
export interface CallParts {
  readonly started: StartedStream;
  readonly name: string;
  readonly log: WireLog;
  readonly options: CallOptions;
  /**
   * Finds a connection for a call whose stream the target refused before processing it. Returns a function that starts
   * the call there with the rest of its deadline in milliseconds. May reject.
   */
  readonly prepareRetry: () => Promise<(deadlineMs: number | undefined) => StartedStream>;
}

/**
 * One gRPC call over an HTTP/2 stream: bytes in, messages and one end out. `call-state.ts` decides what each event of
 * the stream means, and this class acts on it.
 */
export class Call implements RuntimeCall {
  readonly name: string;
  /** Settles when the call has ended. Never rejects. */
  readonly ended: Promise<CallEnd>;
  readonly #parts: CallParts;
  readonly #log: WireLog;
  readonly #request: ResendableRequest;
  readonly #received: ReceiveBuffer;
  readonly #settle: (end: CallEnd) => void;
  readonly #deadline: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  #started: StartedStream;
  #state: CallState = initialState;
  /** Bytes that Node delivered before the event of the response's head, although they arrived after it. */
  #early: Buffer[] = [];

  constructor(parts: CallParts) {
    const { started, name, log, options } = parts;
    const { receiveLimit, headers, deadlineMs } = options;
    this.name = name;
    this.#parts = parts;
    this.#log = log;
    this.#started = started;
    this.#request = new ResendableRequest(started.stream);
    const acceptsGzip = headers?.['grpc-accept-encoding']?.includes('gzip') ?? false;
    this.#received = new ReceiveBuffer(started.stream, { receiveLimit, acceptsGzip });
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

  /** Arrival time of the first message, on the clock of `performance.now()`. */
  get firstMessageAt(): number | undefined {
    return this.#received.firstMessageAt;
  }

  /** Sends a message with its length prefix. */
  send(message: Uint8Array): void {
    this.sendBytes(encodeLengthPrefixed(message));
  }

  /** Sends bytes unchanged. */
  sendBytes(bytes: Uint8Array): void {
    this.#request.write(bytes);
  }

  /** Settles when the connection has accepted the bytes sent so far, or the call has ended. Never rejects. */
  async flushed(): Promise<void> {
    await Promise.race([this.#request.flushed, this.ended]);
  }

  /** Half-closes the call. */
  sendEnd(): void {
    this.#request.end();
  }

  /** Cancels the call: RST_STREAM with CANCEL. */
  cancel(): void {
    this.#abandon({ kind: 'cancel' });
  }

  /** Ends the call as INTERNAL with this reason, because no gRPC client could continue it. */
  refuse(problem: string): void {
    this.#apply({ kind: 'refuse', problem });
  }

  /** Returns the next message, or undefined when the call has ended and every message is read. */
  next(): Promise<Buffer | undefined> {
    return this.#received.next();
  }

  #listen(): void {
    const { stream } = this.#started;
    stream.once('close', () => this.#onClose());
    stream.on('headers', () => this.#apply({ kind: 'interim-response' }));
    stream.on('response', (headers) => this.#onResponse(headers));
    stream.on('trailers', (headers) => this.#onTrailers(headers));
    stream.on('data', (bytes: Buffer) => this.#onData(bytes));
    stream.on('end', () => {
      this.#apply({ kind: 'response-ended' });
      // The status ends the call for both sides. Like gRPC clients, the kit resets the stream without an error instead
      // of half-closing an incomplete request.
      if (!stream.writableEnded) stream.destroy();
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_HTTP2_ERROR') this.#apply({ kind: 'http2-error', message: error.message });
      // "close" always follows and determines how the call ended.
      if (!isAbandoned(this.#state)) this.#log.add(this.name, 'local', error.message);
    });
  }

  /** Applies an event to the state and acts on the change. */
  #apply(event: CallEvent): void {
    const before = this.#state;
    const after = transition(before, event);
    this.#state = after;
    if (before.phase === 'ended') return;
    if (after.phase === 'ended') this.#finish(after.end);
    else if (after.isReset && !before.isReset) this.#reset();
    else if (after.phase === 'resending' && before.phase !== 'resending') {
      this.#resend().catch(() => this.#applyClose());
    }
  }

  #onResponse(headers: IncomingHttpHeaders): void {
    this.#request.forget();
    const type = headers['content-type'] ?? '(none)';
    this.#log.add(this.name, 'received', `HEADERS :status ${headers[':status']} content-type ${type}`);
    this.#apply({ kind: 'head', headers });
    // A trailers-only response carries its gRPC status in these headers.
    if (headers['grpc-status'] !== undefined) this.#onTrailers(headers);
    for (const bytes of this.#early.splice(0)) this.#onData(bytes);
  }

  #onTrailers(headers: IncomingHttpHeaders): void {
    const { status, message } = readTrailers(headers);
    const text = `TRAILERS grpc-status ${String(status ?? '(none)')} ${message}`;
    this.#log.add(this.name, 'received', text.trimEnd());
    this.#apply({ kind: 'trailers', headers });
  }

  #onData(bytes: Buffer): void {
    const state = this.#state;
    if (state.phase === 'head-awaited') {
      this.#early.push(bytes);
      return;
    }
    if (state.phase !== 'head-received' || state.httpStatus !== 200) {
      this.#apply({ kind: 'non-grpc-data', bytes: bytes.length });
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
    this.#abandon({ kind: 'deadline' });
  }

  #onClose(): void {
    const { rstCode = 0 } = this.#started.stream;
    const state = this.#state;
    if (rstCode !== 0 && state.phase !== 'ended' && state.status === undefined && !isAbandoned(state)) {
      this.#log.add(this.name, 'received', `RST_STREAM error code ${rstCode}`);
    }
    this.#applyClose();
  }

  #applyClose(): void {
    const { stream, session } = this.#started;
    const { truncatedMessage } = this.#received;
    const reset = stream.rstCode ?? 0;
    this.#apply({ kind: 'closed', reset, connectionEnded: session.destroyed, truncatedMessage });
  }

  #abandon(event: { readonly kind: 'cancel' | 'deadline' }): void {
    const state = this.#state;
    if (state.phase !== 'ended' && state.abandoned === undefined) {
      this.#log.add(this.name, 'sent', 'RST_STREAM CANCEL');
    }
    this.#apply(event);
  }

  /**
   * Resets the stream by aborting it. Closing it would make Node half-close it first, and the target would see a
   * complete request before the reset.
   */
  #reset(): void {
    const { stream } = this.#started;
    stream.removeAllListeners('data');
    // Deferred until Node has processed the bytes it is reading. A GOAWAY among them may hold back HEADERS that are
    // still queued. Node would send the RST_STREAM anyway, which is a connection error for the peer (RFC 9113 section
    // 5.1, idle).
    setImmediate(() => addAbortSignal(AbortSignal.abort(), stream));
  }

  async #resend(): Promise<void> {
    const start = await this.#parts.prepareRetry();
    if (isAbandoned(this.#state)) return this.#applyClose();
    this.#log.add(this.name, 'local', 'refused by the target before processing, sent again');
    const { at } = this.#deadline ?? {};
    this.#started = start(at === undefined ? undefined : Math.max(1, Math.ceil(at - performance.now())));
    this.#apply({ kind: 'resent' });
    this.#listen();
    this.#received.readFrom(this.#started.stream);
    this.#request.resendOn(this.#started.stream);
  }

  #finish(end: CallEnd): void {
    clearTimeout(this.#deadline?.timer);
    this.#request.forget();
    this.#received.end();
    this.#settle(end);
  }
}
