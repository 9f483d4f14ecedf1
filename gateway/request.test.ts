import { expect, test } from 'vitest';
import { acceptsEventStream } from './request.ts';

test.each([
  [['text/event-stream'], true],
  [['application/json, text/event-stream'], true],
  [['application/json', 'Text/Event-Stream; charset=utf-8'], true],
  [['text/event-stream;q=0.1'], true],
  [['text/event-stream; Q=0'], false],
  [['text/event-streams'], false],
  [['application/json; x=text/event-stream'], false],
  [['*/*'], false],
  [['text/*'], false],
  [[''], false],
  [[], false],
])('GW-1: reads accept %j as %s', (values, expected) => {
  expect(acceptsEventStream(values.map((value) => ['Accept', value] as const))).toBe(expected);
});
