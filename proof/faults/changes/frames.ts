import type { Socket } from 'node:net';
import { FrameSplitter } from '../../../conformance/wire/reshaped-socket.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Hooks } from '../../harness/fault.ts';

/** The splitter skips the connection preface, which only clients send. */
const preface = Buffer.alloc(24);
const headBytes = 9;

/** Types of HTTP/2 frames (RFC 9113 section 6). */
export const frameTypes = { data: 0, headers: 1, settings: 4, goaway: 7, continuation: 9 } as const;

/** Flags of HTTP/2 frames. ACK and END_STREAM share a bit. */
export const frameFlags = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** A frame that the runtime sends. */
export interface SentFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Replaces each frame that the runtime sends. @param forConnection called once for each connection */
export function onSentFrames(forConnection: () => (frame: SentFrame) => readonly SentFrame[]): Hooks {
  return onWrites(() => {
    const splitter = new FrameSplitter();
    splitter.push(preface);
    const change = forConnection();
    return (bytes) => [
      Buffer.concat(splitter.push(bytes).flatMap((frame) => change(parsed(frame)).map(written))),
    ];
  });
}

/** Sends every write of the runtime in pieces, each in a turn of the event loop of its own. */
export function onSentPieces(split: (bytes: Buffer) => readonly Buffer[]): Hooks {
  return onWrites(() => split);
}

type Write = (bytes: Buffer, done?: (error?: Error | null) => void) => boolean;

function onWrites(forConnection: () => (bytes: Buffer) => readonly Buffer[]): Hooks {
  return {
    acceptConnection(socket: Socket) {
      const write = socket.write.bind(socket) as Write;
      const split = forConnection();
      let earlier: Promise<void> | undefined;
      const replacement: Write = (bytes, done) => {
        const pieces = split(bytes);
        const [only = Buffer.alloc(0)] = pieces;
        // A write must not overtake the pieces of an earlier one.
        if (earlier === undefined && pieces.length < 2) return write(only, done);
        const written = (earlier ?? Promise.resolve()).then(() => writeInTurns(write, pieces, done));
        earlier = written;
        return true;
      };
      Object.assign(socket, { write: replacement });
      return defaultHooks.acceptConnection(socket);
    },
  };
}

async function writeInTurns(
  write: Write,
  pieces: readonly Buffer[],
  done: Parameters<Write>[1],
): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    write(piece, index === pieces.length - 1 ? done : undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function parsed(frame: Buffer): SentFrame {
  return {
    type: frame.readUInt8(3),
    flags: frame.readUInt8(4),
    stream: frame.readUInt32BE(5),
    payload: frame.subarray(headBytes),
  };
}

function written({ type, flags, stream, payload }: SentFrame): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Splits bytes into pieces of at most `size` bytes. */
export function piecesOf(bytes: Buffer, size: number): readonly Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}
