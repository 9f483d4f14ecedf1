import { expect, test } from 'vitest';
import { EventSequence } from './event-sequence.ts';

const tag = 3;

function event(n: number, padLength = tag): string {
  const params = { level: 'info', logger: 'conformance', data: { n, pad: 'x'.repeat(padLength) } };
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params });
}

function announced(count: number): EventSequence {
  const sequence = new EventSequence(tag);
  sequence.announce(count);
  return sequence;
}

test('announced events arrive in order', () => {
  const sequence = announced(3);
  for (const n of [0, 1, 2]) expect(sequence.receive(event(n))).toBeUndefined();
  expect(sequence.missing).toBe(0);
  sequence.announce(1);
  expect(sequence.missing).toBe(1);
  expect(sequence.receive(event(0))).toBeUndefined();
});

test('a lost event is noticed once', () => {
  const sequence = announced(3);
  expect(sequence.receive(event(1))).toMatchObject({
    invariant: 'retention',
    text: 'event 1 arrived, but event 0 was expected',
  });
  expect(sequence.receive(event(2))).toBeUndefined();
});

test('a repeated event is noticed', () => {
  const sequence = announced(2);
  sequence.receive(event(0));
  expect(sequence.receive(event(0))).toMatchObject({ invariant: 'retention' });
  expect(sequence.receive(event(1))).toBeUndefined();
  expect(sequence.receive(event(1))).toMatchObject({
    text: 'event 1 arrived, but no event was expected',
  });
});

test('an event of another caller is noticed', () => {
  expect(announced(1).receive(event(0, 4))).toEqual({
    invariant: 'identity',
    text: 'an event of caller 4 arrived',
  });
});

test.each(['', '{}', '{"jsonrpc":"2.0","method":"ping"}', 'x'])('the message %j is unknown', (text) => {
  expect(announced(1).receive(text)).toMatchObject({ invariant: 'identity' });
});
