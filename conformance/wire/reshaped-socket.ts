import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Permitted forms of frames that the HTTP/2 library of the kit does not use by itself. */
export interface FrameForms {
  /** Adds padding to HEADERS and DATA frames. */
  readonly padded?: boolean;
  /** Splits header blocks over a HEADERS frame and CONTINUATION frames. */
  readonly continued?: boolean;
}

const prefaceBytes = 24;
const headBytes = 9;
const types = { data: 0, headers: 1, continuation: 9 } as const;
const flags = { endHeaders: 0x4, padded: 0x8 } as const;

/** Bytes of padding in a frame. */
const padding = 7;

/**
 * Maximum number of frames of a header block. HTTP/2 libraries limit the number of CONTINUATION frames, because their
 * number is an attack vector.
 */
const maxFrames = 3;

/** A client's socket that sends its HTTP/2 frames in other permitted forms. */
export class ReshapedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #forms: FrameForms;
  readonly #splitter = new FrameSplitter();

  constructor(socket: Socket, forms: FrameForms) {
    super();
    this.#socket = socket;
    this.#forms = forms;
    socket.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) socket.pause();
    });
    socket.once('end', () => this.push(null));
    socket.once('error', (error) => this.destroy(error));
    socket.once('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { padded: isPadded, continued: isContinued } = this.#forms;
    const frames = this.#splitter.push(bytes);
    const split = isContinued ? frames.flatMap(continued) : frames;
    this.#socket.write(Buffer.concat(isPadded ? split.map(padded) : split), done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/** Splits the bytes that a client sends into frames. The connection preface counts as a frame. */
export class FrameSplitter {
  #pending = Buffer.alloc(0);
  #hasPreface = false;

  /** Returns the frames that are complete. */
  push(bytes: Buffer): readonly Buffer[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const frames: Buffer[] = [];
    for (let size = this.#nextSize(); size <= this.#pending.length; size = this.#nextSize()) {
      frames.push(this.#pending.subarray(0, size));
      this.#pending = this.#pending.subarray(size);
      this.#hasPreface = true;
    }
    return frames;
  }

  #nextSize(): number {
    if (!this.#hasPreface) return prefaceBytes;
    const hasHead = this.#pending.length >= headBytes;
    return headBytes + (hasHead ? this.#pending.readUIntBE(0, 3) : 0);
  }
}

/**
 * Returns whether a frame has one of these types and no padding. The preface is not such a frame: its fourth byte is
 * not a type.
 */
function isPlain(frame: Buffer, ...wanted: readonly number[]): boolean {
  return wanted.includes(frame.readUInt8(3)) && (frame.readUInt8(4) & flags.padded) === 0;
}

/** Splits a HEADERS frame into several frames of about equal size. Returns any other frame unchanged. */
function continued(frame: Buffer): readonly Buffer[] {
  const given = frame.readUInt8(4);
  const payload = frame.subarray(headBytes);
  const size = Math.ceil(payload.length / maxFrames);
  // The first frame needs the five bytes of the priority, if there is one.
  if (!isPlain(frame, types.headers) || (given & flags.endHeaders) === 0 || size < 6) return [frame];
  return Array.from({ length: maxFrames }, (_, index) => {
    const isLast = index === maxFrames - 1;
    return withPayload(frame, {
      type: index === 0 ? types.headers : types.continuation,
      flags: (index === 0 ? given & ~flags.endHeaders : 0) | (isLast ? flags.endHeaders : 0),
      payload: [payload.subarray(index * size, (index + 1) * size)],
    });
  });
}

/**
 * Adds padding to a HEADERS or DATA frame. Padding counts for flow control, but the HTTP/2 library does not know about
 * it, so the requests of a connection must stay far below the window.
 */
function padded(frame: Buffer): Buffer {
  if (!isPlain(frame, types.data, types.headers)) return frame;
  return withPayload(frame, {
    type: frame.readUInt8(3),
    flags: frame.readUInt8(4) | flags.padded,
    payload: [Buffer.of(padding), frame.subarray(headBytes), Buffer.alloc(padding)],
  });
}

/** Returns a frame of the same stream. */
function withPayload(
  frame: Buffer,
  other: Readonly<{ type: number; flags: number; payload: readonly Buffer[] }>,
): Buffer {
  const payload = Buffer.concat(other.payload);
  const head = Buffer.from(frame.subarray(0, headBytes));
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(other.type, 3);
  head.writeUInt8(other.flags, 4);
  return Buffer.concat([head, payload]);
}
