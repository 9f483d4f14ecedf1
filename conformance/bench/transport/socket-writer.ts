import type { Socket } from 'node:net';

/** Joins the writes of one turn of the event loop, so that many small requests take one system call. */
export class SocketWriter {
  readonly #socket: Socket;
  #parts: Uint8Array[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Copies nothing yet: the bytes must not change before the end of this turn. */
  write(bytes: Uint8Array): void {
    if (this.#parts.length === 0) queueMicrotask(() => this.flush());
    this.#parts.push(bytes);
  }

  /** Writes what has been joined so far. */
  flush(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    // The copy lets the caller change its buffers while the socket still writes.
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(parts));
  }
}
