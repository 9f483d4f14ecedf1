import { createConnection, type Socket } from 'node:net';
import type { Address } from '../../../runners/runner.ts';
import type { Failure, Receiver } from './transport.ts';

const noBytes = Buffer.alloc(0);
const headEnd = Buffer.from('\r\n\r\n', 'latin1');
/** Maximum size of a response head, and of the line before a chunk. */
const maxHeadBytes = 65_536;

/** The rest of a body: a number of bytes, chunks, or everything up to the end of the connection. */
type Framing =
  | { readonly kind: 'length'; left: number }
  | { readonly kind: 'chunks'; state: 'size' | 'data' | 'data-end' | 'trailers'; left: number }
  | { readonly kind: 'until-close' };

/**
 * One HTTP/1.1 connection of the load generator, with one call at a time. It parses only what the generator needs,
 * because the parser and the objects of `node:http` take more processor time than a fast target.
 */
export class Http1Connection {
  readonly #socket: Socket;
  readonly #onIdle: (connection: Http1Connection) => void;
  #receiver: Receiver | undefined;
  #bytes: Buffer = noBytes;
  #framing: Framing | undefined;
  #keepAlive = true;
  #failure: Failure | undefined;

  /** @param onIdle called after a call that leaves the connection usable */
  constructor(address: Address, onIdle: (connection: Http1Connection) => void) {
    this.#onIdle = onIdle;
    this.#socket = createConnection(
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port },
    );
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    this.#socket.on('error', (error) =>
      this.#fail({ kind: 'connection error', detail: `connection error: ${error.message}` }),
    );
    this.#socket.on('close', () => this.#onClose());
  }

  get usable(): boolean {
    return this.#failure === undefined && this.#receiver === undefined;
  }

  /** Sends a request. @returns a function that cancels it, which closes the connection */
  send(bytes: Buffer, receiver: Receiver): () => void {
    this.#receiver = receiver;
    // The copy lets the caller change its buffer while the socket still writes.
    this.#socket.write(Buffer.from(bytes));
    return () => {
      if (this.#receiver === receiver) this.#fail({ kind: 'cancelled', detail: 'cancelled' });
    };
  }

  close(): void {
    this.#fail({ kind: 'closed by the kit', detail: 'closed by the kit' });
  }

  #onBytes(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    try {
      while (this.#receiver !== undefined && this.#step(this.#receiver));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail({ kind: 'invalid HTTP', detail: error.message });
    }
    // A small rest would keep a large received buffer in memory.
    if (this.#bytes.length > 0) this.#bytes = Buffer.from(this.#bytes);
  }

  /** Reads one part of the response. Returns whether there may be more to read. */
  #step(receiver: Receiver): boolean {
    const framing = this.#framing;
    if (framing === undefined) return this.#readHead(receiver);
    if (framing.kind === 'until-close') {
      receiver.data(this.#take(this.#bytes.length));
      return false;
    }
    if (framing.kind === 'length') {
      if (framing.left === 0) return this.#finish(receiver);
      if (this.#bytes.length === 0) return false;
      const piece = this.#take(Math.min(framing.left, this.#bytes.length));
      framing.left -= piece.length;
      receiver.data(piece);
      return true;
    }
    return this.#readChunk(framing, receiver);
  }

  #readHead(receiver: Receiver): boolean {
    const end = this.#bytes.indexOf(headEnd);
    if (end < 0) {
      if (this.#bytes.length > maxHeadBytes) throw new RangeError('the response head is too long');
      return false;
    }
    const head = this.#take(end + headEnd.length).toString('latin1');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
    if (Number.isNaN(status)) throw new RangeError('the response has no status line');
    if (status < 200) return true;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#keepAlive = !/\r\nconnection: *close/i.test(head);
    if (status === 204 || status === 304) this.#framing = { kind: 'length', left: 0 };
    else if (length !== undefined) this.#framing = { kind: 'length', left: Number(length) };
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#framing = { kind: 'chunks', state: 'size', left: 0 };
    } else this.#framing = { kind: 'until-close' };
    receiver.head(status, () => fieldsOf(head));
    return true;
  }

  #readChunk(framing: Framing & { kind: 'chunks' }, receiver: Receiver): boolean {
    if (framing.state === 'data') {
      if (this.#bytes.length === 0) return false;
      const piece = this.#take(Math.min(framing.left, this.#bytes.length));
      framing.left -= piece.length;
      if (framing.left === 0) framing.state = 'data-end';
      receiver.data(piece);
      return true;
    }
    const line = this.#takeLine();
    if (line === undefined) return false;
    if (framing.state === 'size') {
      framing.left = Number.parseInt(line, 16);
      if (Number.isNaN(framing.left)) throw new RangeError('a chunk has no size');
      framing.state = framing.left === 0 ? 'trailers' : 'data';
      return true;
    }
    if (framing.state === 'data-end') {
      framing.state = 'size';
      return true;
    }
    return line === '' ? this.#finish(receiver) : true;
  }

  #takeLine(): string | undefined {
    const end = this.#bytes.indexOf('\r\n', 0, 'latin1');
    if (end >= 0) return this.#take(end + 2).toString('latin1', 0, end);
    if (this.#bytes.length > maxHeadBytes) throw new RangeError('a line of the response is too long');
    return undefined;
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  #finish(receiver: Receiver): boolean {
    this.#framing = undefined;
    this.#receiver = undefined;
    if (this.#keepAlive) this.#onIdle(this);
    else this.close();
    receiver.end(undefined);
    return false;
  }

  #onClose(): void {
    const receiver = this.#receiver;
    if (receiver !== undefined && this.#framing?.kind === 'until-close') {
      this.#keepAlive = false;
      this.#finish(receiver);
      return;
    }
    this.#fail({
      kind: 'connection closed',
      detail: 'the connection closed before the response was complete',
    });
  }

  #fail(failure: Failure): void {
    this.#failure ??= failure;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#socket.destroy();
    receiver?.end(failure);
  }
}

function fieldsOf(head: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return fields;
}
