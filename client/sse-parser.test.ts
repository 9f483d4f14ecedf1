import { describe, expect, it } from 'vitest';
import { ContractViolationError } from './errors.ts';
import { SseParser, sseEvents } from './sse-parser.ts';

const encoder = new TextEncoder();

/** Parses a stream in pieces of `size` bytes. */
function parsed(stream: string | Uint8Array, size: number) {
  const data = typeof stream === 'string' ? encoder.encode(stream) : stream;
  const parser = new SseParser();
  const events = [];
  for (let start = 0; start < data.length; start += size) {
    events.push(...parser.push(data.subarray(start, start + size)));
  }
  return { events, lastEventId: parser.lastEventId, retryMs: parser.retryMs };
}

const brief = (stream: string, size: number) =>
  parsed(stream, size).events.map(({ type, data }) => [type, data]);

describe('SseParser', () => {
  const streams: [string, string, [string, string][]][] = [
    [
      'LF',
      'data: a\n\ndata: b\ndata: c\n\n',
      [
        ['message', 'a'],
        ['message', 'b\nc'],
      ],
    ],
    [
      'CRLF',
      'data: a\r\n\r\ndata: b\r\ndata: c\r\n\r\n',
      [
        ['message', 'a'],
        ['message', 'b\nc'],
      ],
    ],
    [
      'CR',
      'data: a\r\rdata: b\rdata: c\r\r',
      [
        ['message', 'a'],
        ['message', 'b\nc'],
      ],
    ],
    [
      'mixed line endings',
      'data: a\r\n\ndata: b\n\rdata: c\r\r\n',
      [
        ['message', 'a'],
        ['message', 'b'],
        ['message', 'c'],
      ],
    ],
    ['a byte order mark', '\ufeffdata: a\n\n', [['message', 'a']]],
    [
      'a second byte order mark, which is ordinary text',
      '\ufeff\ufeffdata: a\n\ndata: b\n\n',
      [['message', 'b']],
    ],
    ['the letters of a byte order mark', '\u00ef\u00bb\u00bfdata: a\n\ndata: b\n\n', [['message', 'b']]],
    ['comments', ': hi\n\n:\n:\n\ndata: a\n: in between\ndata: b\n\n', [['message', 'a\nb']]],
    ['events without data', 'event: x\n\nid: 1\n\nretry: 5\n\ndata: a\n\n', [['message', 'a']]],
    [
      'empty data lines',
      'data\n\ndata:\ndata\n\ndata: \n\n',
      [
        ['message', ''],
        ['message', '\n'],
        ['message', ''],
      ],
    ],
    [
      'only one leading space removed',
      'data:  a \n\ndata:b\n\n',
      [
        ['message', ' a '],
        ['message', 'b'],
      ],
    ],
    [
      'types',
      'event: x\ndata: a\n\ndata: b\n\nevent\ndata: c\n\n',
      [
        ['x', 'a'],
        ['message', 'b'],
        ['message', 'c'],
      ],
    ],
    ['unknown fields', 'datax: 1\nDATA: 2\n data: 3\ndata: a\n\n', [['message', 'a']]],
    ['multi-byte characters', 'data: \u00fc\u2603\u{1f600}\n\n', [['message', '\u00fc\u2603\u{1f600}']]],
    ['an incomplete last event, dropped', 'data: a\n\ndata: b\n', [['message', 'a']]],
    ['an incomplete last line, dropped', 'data: a\n\ndata: b', [['message', 'a']]],
    ['leading blank lines', '\n\r\n\rdata: a\n\n', [['message', 'a']]],
  ];
  const sizes = [1, 2, 3, 5, 7, 1000];

  it.each(streams)('CLIENT-10: parses %s in pieces of any size', (_name, stream, expected) => {
    for (const size of sizes) expect(brief(stream, size), `pieces of ${size}`).toEqual(expected);
  });

  it('CLIENT-10: returns the same events for every split into two pieces', () => {
    const data = encoder.encode(
      '\ufeffid: 1\r\ndata: \u{1f600}\r\n\r\nevent: e\rdata: b\r\r: c\n\nid: 2\n\n',
    );
    const whole = parsed(data, data.length);
    for (let cut = 1; cut < data.length; cut += 1) {
      const parser = new SseParser();
      const events = [...parser.push(data.subarray(0, cut)), ...parser.push(data.subarray(cut))];
      expect({ events, lastEventId: parser.lastEventId }, `cut at ${cut}`).toEqual({
        events: whole.events,
        lastEventId: '2',
      });
    }
  });

  it('returns an event as soon as its blank line arrives, even with CR line endings', () => {
    const parser = new SseParser();
    expect(parser.push(encoder.encode('data: a\r\r'))).toHaveLength(1);
    expect(parser.push(encoder.encode('\ndata: b\r\n\r'))).toHaveLength(1);
    expect(parser.push(encoder.encode('\n'))).toHaveLength(0);
  });

  it('distinguishes an id of the event from a persistent one, and keeps the id of an event without data', () => {
    const { events, lastEventId } = parsed(
      'id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid: no\0\ndata: d\n\nid\n\n',
      4,
    );
    expect(events.map(({ id, lastEventId: last }) => [id, last])).toEqual([
      ['1', '1'],
      [undefined, '1'],
      [undefined, '2'],
      [undefined, '2'],
    ]);
    expect(lastEventId).toBe('');
  });

  it('keeps the last valid retry', () => {
    expect(parsed('retry: 10\n\nretry: 2x\n\nretry: 30\n\nretry:\n\n', 3).retryMs).toBe(30);
  });

  it('replaces invalid UTF-8', () => {
    expect(
      parsed(Uint8Array.of(...encoder.encode('data: '), 0xff, ...encoder.encode('\n\n')), 1).events,
    ).toMatchObject([{ data: '\ufffd' }]);
  });

  it('refuses an event over the limit, after the events before it', () => {
    const parser = new SseParser({ maxEventCharacters: 100 });
    expect(parser.push(encoder.encode(`data: a\n\ndata: ${'x'.repeat(200)}`))).toHaveLength(1);
    expect(() => parser.push(encoder.encode('x'))).toThrow(ContractViolationError);
  });
});

describe('sseEvents', () => {
  it('parses any iterable of pieces', async () => {
    const events = [];
    for await (const event of sseEvents([encoder.encode('data: a\n'), encoder.encode('\n')]))
      events.push(event);
    expect(events).toEqual([{ type: 'message', data: 'a', id: undefined, lastEventId: '' }]);
  });
});
