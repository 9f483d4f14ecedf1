import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { maxCancelled } from '../../../base/connection-limits.ts';
import type { Address } from '../../../runners/runner.ts';
import { FrameReader } from './frame-reader.ts';
import {
  clientPreface,
  flags,
  frames,
  frameTypes,
  initialWindowBytes,
  largestWindowBytes,
  maxFrameBytes,
  settingIds,
} from './frames.ts';
import { HeaderBlockCache } from './header-block.ts';
import type { Http2Listener, Http2Stream } from './http2-stream.ts';
import { SocketWriter } from './socket-writer.ts';

/** Returned bytes of a window are announced from this size on. */
const windowReturnBytes = 2 ** 29;

/**
 * A lean HTTP/2 client for the load generator. It speaks the frames itself, because the streams of `node:http2` take
 * more processor time than the runtimes that it should measure.
 */
export class Http2Connection {
  readonly #socket: Socket;
  readonly #writer: SocketWriter;
  readonly #streams = new Map<number, Http2Stream>();
  /** Requests that wait until the peer permits another stream. */
  readonly #waiting: (() => void)[] = [];
  readonly #blocks = new HeaderBlockCache();
  #nextId = 1;
  #window = initialWindowBytes;
  #streamWindow = initialWindowBytes;
  #maxStreams = Number.POSITIVE_INFINITY;
  #received = 0;
  #openBlock: { readonly stream: number; readonly isLast: boolean; readonly parts: Buffer[] } | undefined;
  #failure: string | undefined;
  #cancelled = 0;
  #onRetired: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#writer = new SocketWriter(socket);
    const reader = new FrameReader((...frame) => this.#onFrame(...frame));
    socket.on('data', (bytes: Buffer) => {
      try {
        reader.push(bytes);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#fail(`protocol error: ${error.message}`);
      }
    });
    socket.on('error', (error) => this.#fail(`connection error: ${error.message}`));
    socket.on('close', () => this.#fail('connection closed'));
    this.#writer.write(clientPreface());
  }

  /** Connects. @throws Error of the system, or the reason of `signal` */
  static async open(address: Address, signal: AbortSignal): Promise<Http2Connection> {
    const socket = createConnection(
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port },
    );
    try {
      await once(socket, 'connect', { signal });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    socket.setNoDelay(true);
    return new Http2Connection(socket);
  }

  /** Whether the connection accepts requests, and has not cancelled so many that it should be replaced. */
  get usable(): boolean {
    return this.#failure === undefined && this.#cancelled < maxCancelled;
  }

  /** Closes the connection at the end of its last request. @param onRetired called then */
  retire(onRetired: () => void): void {
    this.#onRetired = onRetired;
    this.#closeIfRetired();
  }

  /**
   * Sends a request. Both buffers may change after this turn of the event loop, unless the body waits for a window.
   * @returns a function that cancels the request
   */
  request(block: Buffer, body: Buffer, listener: Http2Listener): () => void {
    if (this.#failure !== undefined) {
      listener.end(this.#failure);
      return () => undefined;
    }
    let cancel = this.#start(block, body, listener);
    if (cancel !== undefined) return () => cancel?.();
    // The caller may change its buffer before the request starts.
    const copy = Buffer.from(body);
    const begin = () => {
      if (this.#failure === undefined) cancel = this.#start(block, copy, listener);
      else listener.end(this.#failure);
    };
    this.#waiting.push(begin);
    cancel = () => {
      const index = this.#waiting.indexOf(begin);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      listener.end('cancelled');
    };
    return () => cancel?.();
  }

  close(): void {
    this.#fail('closed by the kit');
  }

  #start(block: Buffer, body: Buffer, listener: Http2Listener): (() => void) | undefined {
    if (this.#streams.size >= this.#maxStreams) return undefined;
    const id = this.#nextId;
    this.#nextId += 2;
    const stream: Http2Stream = { id, listener, window: this.#streamWindow, unsent: body, received: 0 };
    this.#streams.set(id, stream);
    this.#writer.write(frames.headers(id, block, false));
    this.#sendBody(stream);
    // The rest may wait for the window for a long time.
    if (stream.unsent.length > 0) stream.unsent = Buffer.from(stream.unsent);
    return () => {
      if (!this.#streams.has(id)) return;
      this.#cancelled += 1;
      this.#writer.write(frames.cancel(id));
      this.#end(stream, 'cancelled');
    };
  }

  /** Sends as much of the body as the windows permit. An empty body is sent as an empty last frame. */
  #sendBody(stream: Http2Stream): void {
    for (;;) {
      const length = Math.min(stream.unsent.length, stream.window, this.#window, maxFrameBytes);
      if (length <= 0 && stream.unsent.length > 0) return;
      const isLast = length === stream.unsent.length;
      this.#writer.write(frames.dataHeader(stream.id, length, isLast));
      if (length > 0) this.#writer.write(stream.unsent.subarray(0, length));
      stream.unsent = stream.unsent.subarray(length);
      stream.window -= length;
      this.#window -= length;
      if (isLast) return;
    }
  }

  #sendRest(): void {
    for (const stream of this.#streams.values()) {
      if (stream.unsent.length > 0) this.#sendBody(stream);
    }
  }

  #onFrame(type: number, bits: number, id: number, payload: Buffer): void {
    switch (type) {
      case frameTypes.data:
        this.#onData(id, bits, payload);
        return;
      case frameTypes.headers: {
        const start = (bits & flags.padded ? 1 : 0) + (bits & flags.priority ? 5 : 0);
        const end = payload.length - (bits & flags.padded ? payload.readUInt8(0) : 0);
        this.#onBlock(id, bits, payload.subarray(start, end));
        return;
      }
      case frameTypes.continuation:
        this.#onBlock(id, bits, payload);
        return;
      case frameTypes.reset: {
        const stream = this.#streams.get(id);
        if (stream !== undefined) this.#end(stream, `reset by the target, code ${payload.readUInt32BE(0)}`);
        return;
      }
      case frameTypes.settings:
        if ((bits & flags.ack) === 0) this.#onSettings(payload);
        return;
      case frameTypes.ping:
        if ((bits & flags.ack) === 0) this.#writer.write(frames.pingAck(Buffer.from(payload)));
        return;
      case frameTypes.goaway:
        this.#onGoaway(payload);
        return;
      case frameTypes.windowUpdate:
        this.#onWindow(id, payload.readUInt32BE(0) & largestWindowBytes);
        return;
      default:
    }
  }

  #onData(id: number, bits: number, payload: Buffer): void {
    this.#received += payload.length;
    if (this.#received >= windowReturnBytes) {
      this.#writer.write(frames.windowUpdate(0, this.#received));
      this.#received = 0;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.received += payload.length;
    if (stream.received >= windowReturnBytes) {
      this.#writer.write(frames.windowUpdate(id, stream.received));
      stream.received = 0;
    }
    const data = bits & flags.padded ? payload.subarray(1, payload.length - payload.readUInt8(0)) : payload;
    stream.listener.data(data);
    if (bits & flags.endStream) this.#end(stream, undefined);
  }

  #onBlock(id: number, bits: number, part: Buffer): void {
    const open = this.#openBlock ?? { stream: id, isLast: (bits & flags.endStream) !== 0, parts: [] };
    if ((bits & flags.endHeaders) === 0) {
      open.parts.push(Buffer.from(part));
      this.#openBlock = open;
      return;
    }
    this.#openBlock = undefined;
    const block = open.parts.length === 0 ? part : Buffer.concat([...open.parts, part]);
    const stream = this.#streams.get(open.stream);
    const fields = this.#blocks.fieldsOf(block);
    stream?.listener.headers(fields);
    if (stream !== undefined && open.isLast) this.#end(stream, undefined);
  }

  #onSettings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      const id = payload.readUInt16BE(at);
      if (id === settingIds.maxConcurrentStreams) this.#maxStreams = value;
      if (id !== settingIds.initialWindowSize) continue;
      for (const stream of this.#streams.values()) stream.window += value - this.#streamWindow;
      this.#streamWindow = value;
    }
    this.#writer.write(frames.settingsAck());
    this.#sendRest();
    this.#beginWaiting();
  }

  /** Ends the requests that the peer will not answer. */
  #onGoaway(payload: Buffer): void {
    const lastId = payload.readUInt32BE(0) & largestWindowBytes;
    this.#failure ??= `the target is closing the connection, code ${payload.readUInt32BE(4)}`;
    for (const begin of this.#waiting.splice(0)) begin();
    for (const stream of [...this.#streams.values()]) {
      if (stream.id > lastId) this.#end(stream, this.#failure);
    }
  }

  #onWindow(id: number, increment: number): void {
    if (id === 0) this.#window += increment;
    else {
      const stream = this.#streams.get(id);
      if (stream !== undefined) stream.window += increment;
    }
    this.#sendRest();
  }

  #end(stream: Http2Stream, failure: string | undefined): void {
    // The listener may have cancelled the request in the meantime.
    if (!this.#streams.delete(stream.id)) return;
    stream.listener.end(failure);
    this.#beginWaiting();
    this.#closeIfRetired();
  }

  #beginWaiting(): void {
    while (this.#waiting.length > 0 && this.#streams.size < this.#maxStreams) this.#waiting.shift()?.();
  }

  #closeIfRetired(): void {
    if (this.#onRetired === undefined || this.#streams.size > 0 || this.#waiting.length > 0) return;
    const onRetired = this.#onRetired;
    this.#onRetired = undefined;
    this.close();
    onRetired();
  }

  #fail(reason: string): void {
    this.#failure ??= reason;
    this.#writer.flush();
    this.#socket.destroy();
    const waiting = this.#waiting.splice(0);
    for (const stream of [...this.#streams.values()]) this.#end(stream, this.#failure);
    for (const begin of waiting) begin();
  }
}
