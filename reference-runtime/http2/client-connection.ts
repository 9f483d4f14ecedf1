import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { FrameFilter } from './frame-filter.ts';

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
  readonly #filter = new FrameFilter((id, code) => this.#reset(id, code));

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.once('end', () => this.push(null));
    socket.once('error', (error) => this.destroy(error));
    socket.once('close', () => this.destroy());
  }

  /** Remembers a stream until it closes, so that a reset can end it. */
  track(stream: ClosableStream): void {
    const { id } = stream;
    if (id === undefined) return;
    this.#streams.set(id, stream);
    stream.once('close', () => this.#streams.delete(id));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done);
  }

  override _writev(
    pieces: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.cork();
    for (const [index, { chunk }] of pieces.entries()) {
      if (index === pieces.length - 1) this.#socket.write(chunk, done);
      else this.#socket.write(chunk);
    }
    this.#socket.uncork();
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #receive(bytes: Buffer): void {
    for (const piece of this.#filter.push(bytes)) {
      if (!this.push(piece)) this.#socket.pause();
    }
  }

  /** Closes a stream instead of the HTTP/2 server, after the server has read all earlier frames. */
  #reset(id: number, code: number): void {
    setImmediate(() => this.#streams.get(id)?.close(code));
  }
}
