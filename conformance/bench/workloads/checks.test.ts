import { describe, expect, test } from 'vitest';
import { AnswerCheck, expectText } from './answer-check.ts';
import type { Operation } from './call.ts';
import { inTurns } from './mixed.ts';
import { EventCheck } from './stream.ts';

function answer(id: number | string, text: string, extra = ''): Buffer {
  return Buffer.from(
    `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"${text}"}]${extra}}}`,
  );
}

describe('the check of answers', () => {
  const problem = (check: AnswerCheck, body: Buffer, id: number) =>
    check.problemOf({ status: 200, headers: () => ({ 'content-type': 'application/json' }), body }, id);

  test('accepts the expected text again and again, with another id each time', () => {
    const check = new AnswerCheck(expectText('hello'));
    for (const id of [1_000_000_001, 1_000_000_002, 1_999_999_999]) {
      expect(problem(check, answer(id, 'hello'), id)).toBeUndefined();
    }
  });

  test.each<[string, Buffer, string]>([
    ['another id', answer(1_000_000_001, 'hello'), 'there is no response with the id 1000000002'],
    ['another text', answer(1_000_000_002, 'hallo'), 'expected the text "hello", got "hallo"'],
    [
      'a tool error',
      answer(1_000_000_002, 'hello', ',"isError":true'),
      'expected the text "hello", got "hello"',
    ],
    [
      'an error',
      Buffer.from('{"jsonrpc":"2.0","id":1000000002,"error":{"code":-1,"message":"no"}}'),
      'JSON-RPC error -1: no',
    ],
    ['nothing', Buffer.alloc(0), ''],
    ['no JSON', Buffer.from('<html>'), ''],
  ])('rejects %s, also after an accepted answer', (_, body, expected) => {
    const check = new AnswerCheck(expectText('hello'));
    expect(problem(check, answer(1_000_000_001, 'hello'), 1_000_000_001)).toBeUndefined();
    expect(problem(check, body, 1_000_000_002)).toContain(expected);
  });
});

describe('the check of events', () => {
  const id = 1_000_000_001;
  const event = (n: number, space = '') =>
    `data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"n":${space}${n}}}}\n\n`;
  const result = `data: ${answer(id, 'emitted 3')}\n\n`;
  const check = new EventCheck(3);
  const problem = (text: string) => check.problemOf(Buffer.from(text), id);

  test('accepts all events in order before the result, in any notation of JSON', () => {
    expect(problem([0, 1, 2].map((n) => event(n)).join('') + result)).toBeUndefined();
    expect(problem([0, 1, 2].map((n) => event(n, ' ')).join('') + result)).toBeUndefined();
  });

  test.each<[string, string]>([
    ['a missing event', event(0) + event(2) + result],
    ['events out of order', event(1) + event(0) + event(2) + result],
    ['an event too many', event(0) + event(1) + event(2) + event(3) + result],
    ['no result', event(0) + event(1) + event(2)],
    [
      'a result of another request',
      event(0) + event(1) + event(2) + result.replace(String(id), '1000000009'),
    ],
    ['nothing', ''],
  ])('rejects %s', (_, text) => {
    expect(problem(text)).toEqual(expect.any(String));
  });
});

test('turns run each operation as often as its share, spread evenly', () => {
  const order: string[] = [];
  const named = (name: string): Operation => ({
    start: () => {
      order.push(name);
      return () => undefined;
    },
  });
  const turn = inTurns([
    [4, named('a')],
    [2, named('b')],
  ]);
  for (let run = 0; run < 12; run += 1) turn.start(() => undefined);
  expect(order.join('')).toBe('abaabaabaaba');
});
