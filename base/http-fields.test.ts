import { expect, test } from 'vitest';
import { fieldMembers, isFieldName, isFieldValue, mediaTypeOf, trimFieldValue } from './http-fields.ts';

test.each([
  ['x-name', true],
  ["!#$%&'*+.^_`|~0aZ-", true],
  ['', false],
  ['two words', false],
  ['colon:', false],
  ['ü', false],
])('a field name is a token: %j %s', (text, expected) => {
  expect(isFieldName(text)).toBe(expected);
});

test.each([
  ['', true],
  ['visible\tand space', true],
  ['line\nend', false],
  ['ü', false],
  ['\u007f', false],
])('a field value is visible ASCII, space and tab: %j %s', (text, expected) => {
  expect(isFieldValue(text)).toBe(expected);
});

test('trims spaces and tabs alone', () => {
  expect(trimFieldValue(' \ta b\t ')).toBe('a b');
  expect(trimFieldValue('\u00a0a')).toBe('\u00a0a');
});

test('splits a list over all values of a field', () => {
  expect(fieldMembers(['Close, X-One', ' x-two'])).toEqual(['close', 'x-one', 'x-two']);
});

test('finds the media type in any spelling', () => {
  expect(mediaTypeOf({ 'Content-Type': 'Text/Event-Stream; charset=utf-8' })).toBe('text/event-stream');
  expect(mediaTypeOf({})).toBe('');
});
