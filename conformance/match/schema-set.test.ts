import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseJson } from './json.ts';
import { match } from './match.ts';
import { PatternError } from './matcher.ts';
import { SchemaSet } from './schema-set.ts';

const directory = mkdtempSync(join(tmpdir(), 'schemas-'));
afterAll(() => rmSync(directory, { recursive: true }));

function put(name: string, schema: unknown): void {
  writeFileSync(join(directory, `${name}.schema.json`), JSON.stringify(schema));
}

put('tree', {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://example.com/tree',
  type: ['array', 'integer'],
  items: { $ref: '#' },
});
put('named', {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    tree: { $ref: 'tree.schema.json' },
  },
});
put('broken', { type: 'nonsense' });

const schemas = new SchemaSet(directory);
const context = { variables: new Map<string, unknown>(), schemas };

test('checks a value, with references to schemas in other files', () => {
  expect(schemas.check('named', { name: 'a', tree: [1, [2, parseJson('3.0')]] })).toEqual([]);
  expect(schemas.check('named', { name: 'a', tree: [1, ['x']] })).toMatchObject([
    { path: '/tree/1/0', value: 'x' },
  ]);
  expect(schemas.check('named', { name: 'a', at: 'today' })).toMatchObject([{ path: '/at' }]);
  expect(schemas.check('named', { name: 'a', extra: 1 })).toMatchObject([
    { path: '', message: 'must NOT have additional properties ("extra")' },
  ]);
});

test('reports differences with their paths in the observation', () => {
  const { differences } = match({ a: [{ $schema: 'named' }] }, { a: [{ name: 5 }] }, context);
  expect(differences).toEqual([
    { path: '/a/0/name', expected: 'named.schema.json: must be string', actual: '5' },
  ]);
});

test('refuses to check values that are too deep or too large', () => {
  const deep = parseJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  expect(schemas.check('tree', deep)).toMatchObject([{ message: 'nested too deeply to check' }]);
  const wide = Array.from({ length: 300_000 }, () => 1);
  expect(schemas.check('tree', wide)).toMatchObject([
    { message: 'more than 200000 values, too many to check' },
  ]);
});

test('throws PatternError for an unknown or invalid schema', () => {
  expect(() => schemas.check('unknown', 1)).toThrow(PatternError);
  expect(() => schemas.check('broken', 1)).toThrow(PatternError);
});

test('prepare compiles schemas in advance and reports an invalid one only when it is used', () => {
  const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
  writeFileSync(join(folder, 'word.schema.json'), JSON.stringify({ type: 'string' }));
  writeFileSync(join(folder, 'broken.schema.json'), JSON.stringify({ type: 'nonsense' }));
  const prepared = new SchemaSet(folder);
  prepared.prepare([{ expect: { $include: { a: [{ $schema: 'word' }], b: { $schema: 'broken' } } } }]);
  rmSync(folder, { recursive: true });
  expect(prepared.check('word', 1)).toMatchObject([{ message: 'must be string' }]);
  expect(() => prepared.check('broken', 1)).toThrow(PatternError);
});
