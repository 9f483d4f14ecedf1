import { expect, test } from 'vitest';
import { wrongAnswer } from './answer.ts';

const expected = { id: 'caller-1-1', text: 'caller-1 0' };
const json = 'application/json';
const events = 'text/event-stream; charset=utf-8';

function response(id: string, text: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
}

test('the right answer is accepted, as JSON and as an event', () => {
  const right = response('caller-1-1', 'caller-1 0');
  expect(wrongAnswer(json, right, expected)).toBeUndefined();
  expect(wrongAnswer(events, `id: 1\ndata:\n\ndata: ${right}\n\n`, expected)).toBeUndefined();
});

test('a text can be checked by a function', () => {
  const isLong = { id: 'a', text: (text: string) => text.length > 3 };
  expect(wrongAnswer(json, response('a', 'long'), isLong)).toBeUndefined();
  expect(wrongAnswer(json, response('a', 'no'), isLong)).toContain('"no"');
});

test.each([
  ['the id of another caller', response('caller-2-1', 'caller-1 0'), '"caller-2-1" instead of "caller-1-1"'],
  ['the text of another caller', response('caller-1-1', 'caller-2 0'), '"caller-2 0"'],
  ['an error', '{"jsonrpc":"2.0","id":"caller-1-1","error":{"code":1,"message":"m"}}', 'undefined'],
  ['no JSON', '<html>', 'no response in <html>'],
])('%s is wrong', (_, body, problem) => {
  expect(wrongAnswer(json, body, expected)).toContain(problem);
});

test('a stream without a response is incomplete', () => {
  expect(wrongAnswer(events, 'id: 1\ndata:\n\n', expected)).toBe('incomplete');
  expect(wrongAnswer(events, '', expected)).toBe('incomplete');
});
