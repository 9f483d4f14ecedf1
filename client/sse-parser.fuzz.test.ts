import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../base/testing/fuzz-runs.ts';
import { type SseEvent, SseParser } from './sse-parser.ts';

const fields = [
  'data: {}',
  'data',
  'data:',
  ':',
  'id: 1',
  'id: \0',
  'event: e',
  'retry: 9',
  '\ufeff',
  '',
  'é😀',
];
const ends = ['\n', '\r', '\r\n', '\n\n', ''];
const line = fc.tuple(
  fc.oneof(fc.constantFrom(...fields), fc.string({ unit: 'binary', maxLength: 6 })),
  fc.constantFrom(...ends),
);
const bytes = fc.oneof(
  fc.array(line, { maxLength: 20 }).map((lines) => Buffer.from(lines.flat().join(''))),
  fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
);

function parse(pieces: readonly Buffer[]): readonly SseEvent[] {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

test('events do not depend on the pieces in which they arrive', () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 7 }), (stream, size) => {
      const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
        stream.subarray(index * size, (index + 1) * size),
      );
      expect(parse(pieces)).toEqual(parse([stream]));
    }),
    fuzzRuns(1000),
  );
});

test('a message comes back unchanged, regardless of what precedes it', () => {
  fc.assert(
    fc.property(bytes, fc.json({ noUnicodeString: false }), (before, json) => {
      const blank = Buffer.from('\n\n');
      const events = parse([before, blank, Buffer.from(`event: message\ndata: ${json}\n\n`)]);
      expect(events.at(-1)).toMatchObject({ type: 'message', data: json });
    }),
    fuzzRuns(500),
  );
});
