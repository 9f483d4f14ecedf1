import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { FrameFilter } from './frame-filter.ts';
import { SentFrames } from './sent-frames.ts';

/** The maximum size of joined pieces. Larger ones are written separately. */
const maxCopiedBytes = 128 * 1024;

/** Maximum number of remembered resets of streams that the HTTP/2 server has not opened yet. */
const maxEarlyResets = 1000;

/** A stream that the server can close with an HTTP/2 error code. */
export interface ClosableStream {
  readonly id?: number | undefined;
  once(event: 'close', listener: () => void): unknown;
  close(code: number): void;
}

/**
 * The connection of a client, between its socket and the HTTP/2 server. It changes the received bytes so that Node's
 * HTTP/2 server serves every client that the contract permits: with any authority (RPC-18), and with any number of
 * cancelled calls (RPC-21).
 */
export class ClientConnection extends Duplex {
  readonly #socket: Socket;
  readonly #streams = new Map<number, ClosableStream>();
  /** The codes of resets that arrived before the HTTP/2 server opened their streams, by the id of the stream. */
  readonly #earlyResets = new Map<number, number>();
  #lastTracked = 0;
  readonly #filter = new FrameFilter((id, code) => this.#reset(id, code));
  readonly #sent = new SentFrames();

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.once('end', () => this.push(null));
    socket.once('error', (error) => this.destroy(error));
    socket.once('close', () => this.destroy());
  }

  /** Remembers a stream until it closes, so that a reset can end it. Streams are opened in the order of their ids. */
  track(stream: ClosableStream): void {
    const { id } = stream;
    if (id === undefined) return;
    this.#lastTracked = Math.max(this.#lastTracked, id);
    this.#streams.set(id, stream);
    stream.once('close', () => this.#streams.delete(id));
    if (this.#earlyResets.size > 0) this.#applyEarlyResets();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(this.#sent.push(bytes), done);
  }

  override _writev(
    pieces: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#send(
      pieces.flatMap(({ chunk }) => this.#sent.push(chunk)),
      done,
    );
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #send(pieces: readonly Buffer[], done: (error?: Error | null) => void): void {
    const [first = Buffer.of()] = pieces;
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    // The HTTP/2 server writes several pieces for each frame. Copying small pieces takes less time than separate writes.
    if (pieces.length <= 1 || bytes <= maxCopiedBytes) {
      this.#socket.write(pieces.length <= 1 ? first : Buffer.concat(pieces, bytes), done);
      return;
    }
    this.#socket.cork();
    for (const [index, piece] of pieces.entries()) {
      if (index === pieces.length - 1) this.#socket.write(piece, done);
      else this.#socket.write(piece);
    }
    this.#socket.uncork();
  }

  #receive(bytes: Buffer): void {
    for (const piece of this.#filter.push(bytes)) {
      if (!this.push(piece)) this.#socket.pause();
    }
  }

  /**
   * Closes a stream instead of the HTTP/2 server. In general, the server has read all earlier frames by the next turn of
   * the event loop. But it reads none while it writes, and then opens the stream later.
   */
  #reset(id: number, code: number): void {
    setImmediate(() => {
      if (id <= this.#lastTracked) this.#close(id, code);
      else if (this.#earlyResets.size < maxEarlyResets) this.#earlyResets.set(id, code);
    });
  }

  #applyEarlyResets(): void {
    for (const [id, code] of this.#earlyResets) {
      if (id > this.#lastTracked) continue;
      this.#earlyResets.delete(id);
      // The handler of the stream is still starting.
      setImmediate(() => this.#close(id, code));
    }
  }

  #close(id: number, code: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#sent.removeReset(id);
    stream.close(code);
  }
}

/** Lets the connection of a stream end it (RPC-21). */
export function trackStream(stream: ServerHttp2Stream): void {
  // Node wraps a connection that is not a socket of the system. It has no public API for the connection inside.
  const wrapper: object | undefined = stream.session?.socket;
  const connection: unknown = wrapper && Reflect.get(wrapper, 'stream');
  if (connection instanceof ClientConnection) connection.track(stream);
}
