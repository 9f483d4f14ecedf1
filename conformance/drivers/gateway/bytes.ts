import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { WrittenBytes } from '../../case/gateway-case.ts';

/** The bytes that a fixture means. */
export function bytesOf(written: WrittenBytes | undefined): Buffer {
  if (written === undefined) return Buffer.alloc(0);
  if (typeof written === 'string') return Buffer.from(written);
  if ('base64' in written) return Buffer.from(written.base64, 'base64');
  if ('bytes' in written) return everyByte(written.bytes);
  return Buffer.from(written.repeat.repeat(written.times));
}

/** Bytes of every value in an order that shows where a piece is missing, doubled or moved. */
export function everyByte(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Bytes as observations show them: text where they are text, else base64. */
export function shownBytes(bytes: Uint8Array): string | { readonly base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString() : { base64: buffer.toString('base64') };
}

/** What stands for bytes where there are too many to show. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
