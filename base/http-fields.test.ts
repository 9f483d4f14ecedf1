import { expect, test } from 'vitest';
import {
  fieldMembers,
  isFieldName,
  isFieldValue,
  mediaTypeOf,
  rangesWithout,
  trimFieldValue,
} from './http-fields.ts';

test.each([
  ['x-name', true],
  ["!#$%&'*+.^_`|~0aZ-", true],
  ['', false],
  ['two words', false],
  ['colon:', false],
  ['ü', false],
])('a field name must be a token: %j %s', (text, expected) => {
  expect(isFieldName(text)).toBe(expected);
});

test.each([
  ['application/json, text/event-stream', ['application/json']],
  ['Text/Event-Stream;q=1,*/*', ['*/*']],
  ['text/event-streams', ['text/event-streams']],
  [' , ', []],
])('the media ranges of %j without event streams are %j', (accept, expected) => {
  expect(rangesWithout(accept, 'text/event-stream')).toEqual(expected);
});

test.each([
  ['', true],
  ['visible\tand space', true],
  ['line\nend', false],
  ['ü', false],
  ['\u007f', false],
])('a field value may contain visible ASCII, space and tab: %j %s', (text, expected) => {
  expect(isFieldValue(text)).toBe(expected);
});

test('trims only spaces and tabs', () => {
  expect(trimFieldValue(' \ta b\t ')).toBe('a b');
  expect(trimFieldValue('\u00a0a')).toBe('\u00a0a');
});

test('splits all values of a list field', () => {
  expect(fieldMembers(['Close, X-One', ' x-two'])).toEqual(['close', 'x-one', 'x-two']);
});

test('finds the media type regardless of case', () => {
  expect(mediaTypeOf({ 'Content-Type': 'Text/Event-Stream; charset=utf-8' })).toBe('text/event-stream');
  expect(mediaTypeOf({})).toBe('');
});
