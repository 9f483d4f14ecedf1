import { describe, expect, test } from 'vitest';
import { parseJson } from './json.ts';
import { match } from './match.ts';
import { PatternError } from './matcher.ts';
import { operatorNames } from './operators.ts';
import { SchemaSet } from './schema-set.ts';
import { UnknownVariableError } from './variables.ts';

const variables = new Map<string, unknown>([
  ['name', 'alice'],
  ['count', 3],
  ['list', [1, { a: 2 }]],
  ['dotted', 'a.c'],
]);
const context = { variables, schemas: new SchemaSet() };

function paths(pattern: unknown, actual: unknown): readonly string[] {
  return match(pattern, actual, context).differences.map(({ path }) => path);
}

/** A pattern, a value that matches it and a value that does not. */
const table: readonly (readonly [unknown, unknown, unknown])[] = [
  ['a', 'a', 'b'],
  ['', '', null],
  [1, 1, 2],
  [1, 1, '1'],
  [1.5, parseJson('1.50'), parseJson('1.51')],
  [9007199254740992, 9007199254740992, parseJson('9007199254740993')],
  [0, parseJson('-0'), parseJson('0.1')],
  [true, true, 1],
  [null, null, undefined],
  [null, null, {}],
  [{}, {}, []],
  [{ a: 1 }, { a: 1 }, { a: 1, b: 2 }],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }],
  [
    [1, 2],
    [1, 2],
    [2, 1],
  ],
  [[1], [1], [1, 2]],
  [[1, 2], [1, 2], [1]],
  ['${name}', 'alice', '${name}'],
  ['x-${name}-${count}', 'x-alice-3', 'x-alice-'],
  ['$${name}', '${name}', 'alice'],
  ['${count}', 3, '3'],
  ['${list}', [1, { a: 2 }], [1, { a: 2, b: 1 }]],
  [{ a: { $any: true } }, { a: null }, {}],
  [{ a: { $absent: true } }, {}, { a: null }],
  [{ a: { $optional: { $type: 'string' } } }, {}, { a: 1 }],
  [{ a: { $optional: 'x' } }, { a: 'x' }, { a: 'y' }],
  [{ $type: 'string' }, '', 1],
  [{ $type: 'number' }, parseJson('1e400'), '1'],
  [{ $type: 'number' }, 1.5, null],
  [{ $type: 'integer' }, 1, 1.5],
  [{ $type: 'integer' }, parseJson('10e-1'), parseJson('11e-1')],
  [{ $type: 'integer' }, parseJson('123456789012345678901234567890'), parseJson('0.10')],
  [{ $type: 'boolean' }, false, 0],
  [{ $type: 'array' }, [], {}],
  [{ $type: 'object' }, {}, []],
  [{ $type: 'object' }, {}, parseJson('1.0')],
  [{ $type: 'null' }, null, undefined],
  [{ $regex: '^\\p{Lu}b' }, 'Ébc', 'éb'],
  [{ $regex: '\\d' }, 'a1', 1],
  [{ $regex: '(?i)^a\\p{L}$' }, 'AB', 'BA'],
  [{ $regex: '^${dotted}$' }, 'a.c', 'abc'],
  [{ $contains: 'b' }, 'abc', 'ac'],
  [{ $contains: '${name}' }, 'my alice', 'bob'],
  [{ $contains: { a: 1 } }, [0, { a: 1 }], [{ a: 2 }]],
  [{ $contains: 1 }, [1], '1'],
  [{ $contains: 'a' }, ['a'], ['ab']],
  [{ $include: { a: 1 } }, { a: 1, b: 2 }, { b: 2 }],
  [{ $include: { a: { b: 1 } } }, { a: { b: 1 } }, { a: { b: 1, c: 2 } }],
  [{ $include: { a: { $absent: true } } }, { b: 1 }, { a: 1 }],
  [{ $include: {} }, {}, []],
  [{ $each: { $type: 'string' } }, ['a', 'b'], ['a', 1]],
  [{ $each: 1 }, [], {}],
  [{ $length: 2 }, [1, 2], [1]],
  [{ $length: 2 }, '🦊é', 'abc'],
  [{ $length: [1, 2] }, [1], []],
  [{ $length: [1, null] }, [1, 2, 3], []],
  [{ $length: 0 }, '', 0],
  [
    { $unique: true },
    [1, '1', { a: 1, b: 2 }, { a: 1 }],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
  ],
  [{ $unique: true }, [], parseJson('[1, 1.0]')],
  [{ $unique: 'name' }, [{ name: 'a' }, { name: 'b' }, {}, {}], [{ name: 'a' }, { name: 'a', x: 1 }]],
  [{ $unordered: [1, { $type: 'number' }] }, [5, 1], [5, 6]],
  [{ $unordered: [{ $type: 'number' }, 1] }, [1, 5], [1, 'x']],
  [{ $unordered: [1, 2] }, [2, 1], [2, 1, 1]],
  [{ $unordered: [] }, [], {}],
  [{ $unordered: '${list}' }, [{ a: 2 }, 1], [{ a: 2 }, { a: 2 }]],
  [{ $range: [200, 299] }, 200, 300],
  [{ $range: [200, 299] }, parseJson('299.0'), parseJson('299.00000000000000000001')],
  [{ $range: [null, 0] }, -5, 1],
  [{ $range: [0, null] }, parseJson('1e999'), parseJson('-1e999')],
  [{ $range: [0, 1] }, 1, '1'],
  [{ $number: '9007199254740993' }, parseJson('9007199254740993'), parseJson('9007199254740992')],
  [{ $number: '1.0' }, parseJson('1.0'), 1],
  [{ $number: '7' }, 7, '7'],
  [{ $oneOf: [1, 'a'] }, 'a', 2],
  [{ $allOf: [{ $type: 'number' }, { $range: [0, 5] }] }, 4, 6],
  [{ $not: { $contains: 'x' } }, 'abc', 'xyz'],
  [{ $base64: { $any: true } }, '//8=', '//8'],
  [{ $base64: { $contains: 'ell' } }, 'aGVsbG8=', 'aGVhdmVu'],
  [{ $base64: { $any: true } }, '', 'a_b-'],
  [{ $json: { a: { $type: 'integer' } } }, '{"a": 1}', '{"a": "1"}'],
  [{ $json: { $any: true } }, '[1]', '[1'],
  [{ $json: { $number: '1.0' } }, '1.0', '1'],
  [{ $ref: 'list' }, [1, { a: 2 }], [1, { a: 3 }]],
  [{ $literal: { $any: true, a: '${name}' } }, { $any: true, a: '${name}' }, { $any: true, a: 'alice' }],
  [{ $type: 'string', $length: 3 }, 'abc', 'ab'],
];

describe('each operator', () => {
  test.each(table)('%j matches %j but not %j', (pattern, right, wrong) => {
    expect(match(pattern, right, context).differences).toEqual([]);
    expect(match(pattern, wrong, context).differences).not.toEqual([]);
  });

  test('has a row in the table or separate tests', () => {
    const named = new Set(JSON.stringify(table).match(/\$[a-zA-Z0-9]+(?=":)/g));
    expect(operatorNames.filter((name) => !named.has(name))).toEqual(['$schema', '$save']);
  });
});

describe('differences', () => {
  test('point at the parts that differ', () => {
    const pattern = { a: [1, { 'b/c': 2 }], d: { $type: 'string' }, e: 1 };
    expect(paths(pattern, { a: [1, { 'b/c': 3 }], d: 1, f: 1 })).toEqual(['/a/1/b~1c', '/d', '/e', '/f']);
  });

  test('name the expected and the actual value', () => {
    const { differences } = match({ status: { $range: [200, 299] }, x: 1 }, { status: 404 }, context);
    expect(differences).toEqual([
      { path: '/status', expected: 'a number from 200 to 299', actual: '404' },
      { path: '/x', expected: '1', actual: 'nothing' },
    ]);
  });

  test('show long strings only around their first difference', () => {
    const long = 'a'.repeat(4 << 20);
    const { differences } = match({ text: `${long}b${long}` }, { text: `${long}c${long}` }, context);
    expect(differences[0]?.expected).toMatch(/^…"a{20}ba+"… \(8388609 characters\)$/);
    const short = match({ text: { $type: 'number' } }, { text: long }, context);
    expect(short.differences[0]?.actual.length).toBeLessThan(300);
  });

  test('are bounded in number', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => index);
    expect(match({ $each: 'x' }, many, context).differences).toHaveLength(50);
    expect(match([], many, context).differences).toHaveLength(1);
    expect(match({}, Object.fromEntries(many.map((n) => [n, n])), context).differences).toHaveLength(50);
  });
});

describe('$save', () => {
  test('saves the value if the whole pattern matches', () => {
    const { saved } = match(
      { a: { $type: 'string', $save: 'first' }, b: { $save: 'second' } },
      { a: 'x', b: [1] },
      context,
    );
    expect([...saved]).toEqual([
      ['first', 'x'],
      ['second', [1]],
    ]);
  });

  test('saves nothing if another member differs', () => {
    expect(match({ a: { $save: 'first' }, b: 1 }, { a: 'x', b: 2 }, context).saved.size).toBe(0);
  });

  test('saves values from the matching alternative only', () => {
    const pattern = {
      $oneOf: [
        { a: { $save: 'wrong' }, b: 1 },
        { a: { $save: 'right' }, b: 2 },
      ],
    };
    expect([...match(pattern, { a: 'x', b: 2 }, context).saved]).toEqual([['right', 'x']]);
    expect(match({ $not: { a: { $save: 'never' }, b: 9 } }, { a: 1, b: 2 }, context).saved.size).toBe(0);
  });

  test('sets a variable for later members and for $ref', () => {
    expect(paths({ a: { $save: 'x' }, b: { $ref: 'x' }, c: '${x}' }, { a: [1], b: [1], c: [1] })).toEqual([]);
    expect(paths([{ $save: 'x' }, { $ref: 'x' }], [1, 2])).toEqual(['/1']);
    expect(paths({ $not: { $ref: 'name' }, $save: 'name' }, 'bob')).toEqual([]);
  });

  test('saves the item that $contains or $unordered matched', () => {
    const { saved } = match(
      { $contains: { $include: { id: 2, v: { $save: 'v' } } } },
      [
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
      ],
      context,
    );
    expect(saved.get('v')).toBe('b');
    const pairs = match(
      {
        $unordered: [
          { $type: 'number', $save: 'n' },
          { $type: 'string', $save: 's' },
        ],
      },
      ['x', 7],
      context,
    );
    expect(Object.fromEntries(pairs.saved)).toEqual({ n: 7, s: 'x' });
  });
});

describe('invalid patterns', () => {
  test.each([
    [{ $nope: 1 }],
    [{ a: 1, $type: 'string' }],
    [{ $regex: '(' }],
    [{ $oneOf: 'a' }],
    [{ $include: [1] }],
    [{ $schema: 'no-such-schema' }],
  ])('%j is rejected', (pattern) => {
    expect(() => match(pattern, 'x', context)).toThrow(PatternError);
  });

  test('describes a non-string argument as JSON', () => {
    const { differences } = match({ $type: { toString: 1 } }, 'x', context);
    expect(differences[0]?.expected).toBe('a { "toString": 1 }');
  });

  test('reports an unknown variable by name', () => {
    expect(() => match('${unknown}', 'x', context)).toThrow(UnknownVariableError);
    expect(() => match({ $ref: 'unknown' }, 'x', context)).toThrow(
      'no earlier step saves a variable "unknown"',
    );
  });
});

describe('hostile values', () => {
  const deep = parseJson(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
  const everyOperator: readonly unknown[] = [
    ...table.map(([pattern]) => pattern),
    { $ref: 'deep' },
    { $unique: true },
    { $contains: 'x' },
    { $json: 1 },
  ];

  test('every operator handles deep nesting', () => {
    const within = { ...context, variables: new Map([...variables, ['deep', [deep]]]) };
    for (const pattern of everyOperator) {
      expect(match(pattern, deep, within).differences.length).toBeLessThanOrEqual(50);
      expect(match(pattern, [deep, deep], within).differences.length).toBeLessThanOrEqual(50);
    }
  });

  test('distinguishes equal and unequal deep values', () => {
    const same = parseJson(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    const other = parseJson(`${'['.repeat(200_000)}1${']'.repeat(200_000)}`);
    const within = { ...context, variables: new Map([['deep', same]]) };
    expect(match({ $ref: 'deep' }, deep, within).differences).toEqual([]);
    expect(match({ $ref: 'deep' }, other, within).differences).toHaveLength(1);
  });

  test('members named like those of Object.prototype are ordinary members', () => {
    const value = parseJson('{"__proto__": {"polluted": 1}, "constructor": 2}');
    expect(paths({ constructor: 2 }, value)).toEqual(['/__proto__']);
    expect(paths({ toString: { $absent: true } }, {})).toEqual([]);
    expect(paths(parseJson('{"__proto__": {"polluted": 1}, "constructor": 2}'), value)).toEqual([]);
    expect(paths({ $include: parseJson('{"__proto__": 1}') }, {})).toEqual(['/__proto__']);
  });
});
