import { expect, test } from 'vitest';
import { decodedTextOf, encodedValueOf, fieldValueOf } from './field-value.ts';

test.each([
  ['get-sum', 'get-sum'],
  ['a b', 'a b'],
  ['', '=?base64??='],
  [' a', '=?base64?IGE=?='],
  ['é', '=?base64?w6k=?='],
  ['=?base64?w6k=?=', '=?base64?PT9iYXNlNjQ/dzZrPT89?='],
])('the field value of %j is %s', (text, value) => {
  expect(fieldValueOf(text)).toBe(value);
});

test('decodes only encoded values', () => {
  expect(decodedTextOf(encodedValueOf('é'))).toBe('é');
  expect(decodedTextOf('=?base64?w6k?=!')).toBeUndefined();
  expect(decodedTextOf('get-sum')).toBeUndefined();
});
