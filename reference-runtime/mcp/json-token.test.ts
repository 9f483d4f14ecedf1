import { describe, expect, it } from 'vitest';
import { isNestedDeeper, jsonToken, replaceToken } from './json-token.ts';

describe('jsonToken', () => {
  it.each([
    '0',
    '-0',
    '1.50',
    '9007199254740993',
    '1e3',
    '-12345678901234567890.125',
    '"a\\u0041\\"}"',
    'null',
  ])('keeps %s unchanged', (token) => {
    expect(jsonToken(`{"a":{"id":1},"id" : ${token} ,"b":[1,{"id":2}]}`, ['id'])).toBe(token);
    expect(jsonToken(`{"x":"}","id":${token}}`, ['id'])).toBe(token);
  });

  it('returns the last of duplicate members, even with an escaped name', () => {
    expect(jsonToken('{"id":1,"\\u0069d":2}', ['id'])).toBe('2');
  });

  it('follows a path', () => {
    const text = ' {"params":{"_meta":{"progressToken": 10000000000000000001 }}}';
    expect(jsonToken(text, ['params', '_meta', 'progressToken'])).toBe('10000000000000000001');
    expect(jsonToken(text, ['params', 'none', 'progressToken'])).toBeUndefined();
    expect(jsonToken('{"params":[{"requestId":1}]}', ['params', 'requestId'])).toBeUndefined();
    expect(jsonToken('{}', ['id'])).toBeUndefined();
  });

  it('handles any depth', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(jsonToken(`{"params":${deep},"id":7}`, ['id'])).toBe('7');
  });
});

describe('replaceToken', () => {
  it('replaces one value and nothing else', () => {
    const text = '{ "id" : 1.50 ,"x":{"id":9007199254740993} }';
    expect(replaceToken(text, ['id'], '"a"')).toBe('{ "id" : "a" ,"x":{"id":9007199254740993} }');
    expect(replaceToken(text, ['x', 'id'], '7')).toBe('{ "id" : 1.50 ,"x":{"id":7} }');
  });

  it('leaves a text without the member unchanged', () => {
    expect(replaceToken('{"a":[1]}', ['a', 'id'], '7')).toBe('{"a":[1]}');
    expect(replaceToken('{}', ['id'], '7')).toBe('{}');
  });
});

describe('isNestedDeeper', () => {
  it('counts levels outside strings', () => {
    const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}"[[[\\"[["${'}]'.repeat(levels / 2)}`;
    expect(isNestedDeeper(nested(10), 10)).toBe(false);
    expect(isNestedDeeper(nested(12), 10)).toBe(true);
    expect(isNestedDeeper(`[${'[],'.repeat(50)}[]]`, 2)).toBe(false);
  });
});
