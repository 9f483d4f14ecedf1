import { expect, test } from 'vitest';
import { parseJson } from './json.ts';
import { substitute, templateNames, UnknownVariableError } from './variables.ts';

const variables = new Map<string, unknown>([
  ['a', 'x'],
  ['n', 5],
  ['o', { b: [1] }],
  ['big', parseJson('9007199254740993')],
  ['loop', '${a}'],
]);

test.each([
  ['${a}', 'x'],
  ['${n}', 5],
  ['${o}', { b: [1] }],
  ['${a}${n}', 'x5'],
  ['<${o}|${big}>', '<{"b":[1]}|9007199254740993>'],
  ['$${a}', '${a}'],
  ['$$${a}', '$${a}'],
  ['${loop}', '${a}'],
  ['-${loop}', '-${a}'],
  ['a$ ${} ${1} ${a b} {a}', 'a$ ${} ${1} ${a b} {a}'],
  [
    { k: ['${n}', { '${a}': '${a}' }], m: null },
    { k: [5, { '${a}': 'x' }], m: null },
  ],
  [7, 7],
])('substitute turns %j into %j', (written, value) => {
  expect(substitute(written, variables)).toEqual(value);
});

test('keeps lossless numbers and __proto__', () => {
  const value = parseJson('{"__proto__": {"x": "${a}"}, "n": 1.0}');
  const result = substitute(value, variables);
  expect(Object.keys(Object(result))).toEqual(['__proto__', 'n']);
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  expect(Object(result).n).toBe(Object(value).n);
});

test('throws for an unknown variable', () => {
  expect(() => substitute({ a: ['x-${unknown}'] }, variables)).toThrow(UnknownVariableError);
});

test('templateNames lists the names in order, without escaped ones', () => {
  expect(templateNames('${b} $${c} ${a-1} ${b}')).toEqual(['b', 'a-1', 'b']);
});
