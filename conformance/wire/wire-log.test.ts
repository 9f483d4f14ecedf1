import { expect, test } from 'vitest';
import { WireLog } from './wire-log.ts';

test('returns the events in chronological order', () => {
  const log = new WireLog();
  log.add('main#1', 'sent', 'HEADERS');
  const then = performance.now();
  log.add('main#1', 'received', 'TRAILERS');
  log.add('main#1', 'received', 'MESSAGE', then);
  expect(log.events().map(({ text }) => text)).toEqual(['HEADERS', 'MESSAGE', 'TRAILERS']);
});

test('keeps the first and the last events and counts the others', () => {
  const log = new WireLog();
  for (let n = 0; n < 1000; n += 1) log.add('main#1', 'sent', `event ${n}`);
  const texts = log.events().map(({ text }) => text);
  expect(texts).toHaveLength(401);
  expect(texts[0]).toBe('event 0');
  expect(texts[200]).toBe('(600 events left out)');
  expect(texts.at(-1)).toBe('event 999');
});

test('cuts a long text', () => {
  const log = new WireLog();
  log.add('main#1', 'received', 'x'.repeat(10_000));
  expect(log.events()[0]?.text).toHaveLength(401);
});
