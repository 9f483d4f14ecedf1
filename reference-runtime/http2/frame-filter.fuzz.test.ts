import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../base/testing/fuzz-runs.ts';
import { FrameFilter } from './frame-filter.ts';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const frame = fc
  .tuple(fc.nat(10), fc.nat(255), fc.nat(5), fc.uint8Array({ maxLength: 40 }), fc.nat(3))
  .map(([type, flags, stream, payload, more]) => {
    const head = Buffer.alloc(9);
    // Some lengths do not match.
    head.writeUIntBE(payload.length + (more === 3 ? 1 : 0), 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  });
const bytes = fc.oneof(
  fc.array(frame, { maxLength: 6 }).map((frames) => Buffer.concat(frames)),
  fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
);

/** Filters bytes in pieces of this size. */
function filtered(sent: Buffer, pieceBytes: number) {
  const resets: number[] = [];
  const filter = new FrameFilter((stream) => resets.push(stream));
  const passed: Buffer[] = [];
  for (let at = 0; at < sent.length; at += pieceBytes) {
    passed.push(
      ...filter.push(Buffer.from(sent.subarray(at, at + pieceBytes))).map((each) => Buffer.from(each)),
    );
  }
  return { bytes: Buffer.concat(passed).toString('hex'), resets };
}

test('frames do not depend on the pieces in which they arrive', () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 12 }), (frames, pieceBytes) => {
      const sent = Buffer.concat([preface, frames]);
      const whole = filtered(sent, sent.length);
      const pieces = filtered(sent, pieceBytes);
      // A frame that is not complete may be held back in the one case, and not in the other.
      const [shorter, longer] = [whole.bytes, pieces.bytes].sort((one, other) => one.length - other.length);
      expect(longer?.startsWith(shorter ?? '')).toBe(true);
      expect(pieces.resets).toEqual(whole.resets);
    }),
    fuzzRuns(2000),
  );
});
