import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLosslessNumber, JsonError } from '../match/json.ts';
import { readJson } from './json-text.ts';
import { SseReader } from './sse.ts';
import { ObservationError, observeHealth, observeUnary } from './unary.ts';

const ok = {
  grpc: 'OK',
  grpcMessage: '',
  answered: true,
  httpStatus: 200,
  protocolProblem: undefined,
} as const;

const line = fc.oneof(
  fc.constantFrom(
    'data: {}',
    'data',
    'data:',
    'id: 1',
    'id: \0',
    'event: e',
    ': c',
    '',
    '',
    'retry: 9',
    '\ufeff',
  ),
  fc.string({ maxLength: 8 }),
);
const eventStream = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 20 })
  .map((lines) => Buffer.from(lines.flat().join('')));
const bytes = fc.oneof(
  eventStream,
  fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
);

/** Returns the events, or the message of the error. */
function read(pieces: readonly Buffer[]): unknown {
  const reader = new SseReader();
  try {
    const events = pieces.flatMap((piece) => reader.push(piece));
    reader.end();
    return events;
  } catch (error) {
    if (!(error instanceof ObservationError)) throw error;
    return error.message;
  }
}

test('parses an event stream identically in one piece and in several pieces', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(6)), (whole, sizes) => {
      const pieces: Buffer[] = [];
      let rest = whole;
      for (const size of sizes) {
        pieces.push(rest.subarray(0, size));
        rest = rest.subarray(size);
      }
      expect(read([...pieces, rest])).toEqual(read([whole]));
    }),
    { numRuns: 500 },
  );
});

test('readJson reads or rejects any text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      let value: unknown;
      try {
        value = readJson(text);
      } catch (error) {
        expect(error instanceof JsonError || error instanceof ObservationError).toBe(true);
        expect(() => JSON.parse(text)).toThrow();
        return;
      }
      const plain = JSON.stringify(value, (_name, member: unknown) =>
        isLosslessNumber(member) ? Number(member.value) : member,
      );
      expect(plain).toBe(JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

test('observes or rejects any message', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 2 }), (messages) => {
      for (const observe of [observeUnary, observeHealth]) {
        try {
          expect(observe(ok, messages)).toMatchObject({ grpc: 'OK' });
        } catch (error) {
          expect(error).toBeInstanceOf(ObservationError);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  [`${'['.repeat(2_000)}${']'.repeat(2_000)}`, 'the JSON is nested more than 1000 levels deep'],
  [`[${'1,'.repeat(200_000)}1]`, 'the JSON has more than 200000 values'],
])('rejects oversized JSON before parsing it (%#)', (text, reason) => {
  expect(() => readJson(text)).toThrow(reason);
});

test('does not count brackets and commas in strings', () => {
  expect(readJson(JSON.stringify('[{,"\\'.repeat(100_000)))).toHaveLength(600_000 - 100_000);
});

test('rejects an event stream with too many events or an endless event', () => {
  const many = new SseReader();
  expect(() => many.push(Buffer.from('data: {}\n\n'.repeat(50_001)))).toThrow('more than 50000 events');
  const long = new SseReader();
  expect(() => {
    for (let round = 0; round < 20; round += 1) long.push(Buffer.from(`data: ${'x'.repeat(1 << 20)}\n`));
  }).toThrow(/STREAM-6: the stream has an event of more than/);
});
