import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeLengthPrefixed, LengthPrefixDecoder, LengthPrefixError } from './length-prefix.ts';

/** Bytes as a peer may send them: messages, with occasional random bytes in between. */
const wireBytes = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => encodeLengthPrefixed(bytes)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)) },
    ),
    { maxLength: 8 },
  )
  .map((pieces) => Buffer.concat(pieces));

/** Returns messages as hex, followed by the error message, if any. */
function decode(pieces: readonly Buffer[]): readonly string[] {
  const decoder = new LengthPrefixDecoder(30);
  const seen: string[] = [];
  try {
    for (const piece of pieces) for (const message of decoder.push(piece)) seen.push(message.toString('hex'));
    decoder.end();
  } catch (error) {
    if (!(error instanceof LengthPrefixError)) throw error;
    seen.push(error.message);
  }
  return seen;
}

test('decodes any bytes the same in one piece or in several', () => {
  fc.assert(
    fc.property(wireBytes, fc.array(fc.nat(12)), (bytes, sizes) => {
      const pieces: Buffer[] = [];
      let from = 0;
      for (const size of sizes) {
        pieces.push(bytes.subarray(from, from + size));
        from = Math.min(bytes.length, from + size);
      }
      pieces.push(bytes.subarray(from));
      expect(decode(pieces)).toEqual(decode([bytes]));
    }),
    { numRuns: 500 },
  );
});
