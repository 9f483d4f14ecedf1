import { expect, test } from 'vitest';
import { isLosslessNumber, JsonError, LosslessNumber, parseJson, rawToken } from './json.ts';

test.each([
  ['7', 7],
  ['-1.5', -1.5],
  ['9007199254740991', 9007199254740991],
  ['"1.0"', '1.0'],
  ['[true, false, null, "e1"]', [true, false, null, 'e1']],
])('parses %s as a plain value', (text, value) => {
  expect(parseJson(text)).toStrictEqual(value);
});

test.each([
  '1.0',
  '-0',
  '9007199254740993',
  '1e3',
  '1E+2',
  '1e400',
  '0.10',
  '123456789012345678901234567890',
])('keeps the token of %s', (token) => {
  for (const text of [token, ` [${token}]`, `{"a":${token}}`, `{"a\\"":"b","c":[0,${token} ,1]}`]) {
    const found: string[] = [];
    JSON.stringify(parseJson(text), (_key, value: unknown) => {
      if (isLosslessNumber(value)) found.push(rawToken(value));
      return isLosslessNumber(value) ? null : value;
    });
    expect(found).toEqual([token]);
  }
});

test('leaves numbers in strings alone', () => {
  expect(parseJson('{"1.0": "x \\" 1.0", "b": 1.0}')).toEqual({
    '1.0': 'x " 1.0',
    b: new LosslessNumber('1.0'),
  });
});

test('reads __proto__ as an ordinary member, even next to lossless numbers', () => {
  const value = parseJson('{"__proto__": {"a": 1.0}}');
  expect(Object.keys(Object(value))).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.prototype).not.toHaveProperty('a');
});

test('reads very deep and very long texts', () => {
  const deep = `${'['.repeat(300_000)}1.0${']'.repeat(300_000)}`;
  expect(Array.isArray(parseJson(deep))).toBe(true);
  const digits = '9'.repeat(4 << 20);
  expect(rawToken(parseJson(digits))).toBe(digits);
  expect(parseJson(`"${'\\"1.0'.repeat(1 << 20)}"`)).toHaveLength(4 << 20);
});

test.each(['', '{', '01', '1.', '{"a":1,}', "'a'", 'NaN', '[1] 2', '\ufeff1'])('rejects %j', (text) => {
  expect(() => parseJson(text)).toThrow(JsonError);
});

test.each([
  [7, '7'],
  ['a"b', '"a\\"b"'],
  [null, 'null'],
  [new LosslessNumber('1.0'), '1.0'],
])('rawToken converts %j to %s', (value, token) => {
  expect(rawToken(value)).toBe(token);
});
