import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../base/package.ts';
import type { WrittenStep } from '../case/step-annotations.ts';
import { loadClauses } from './clauses.ts';
import { runtimeSuites } from './runtime-suites.ts';
import { readSuite } from './suite-file.ts';
import { expandSteps } from './words/steps.ts';
import { YamlFile } from './yaml-file.ts';

const root = packageRoot();
const manual = readFileSync(join(root, 'docs', 'fixtures.md'), 'utf8');
const contract = await loadClauses(root);
const kind = runtimeSuites(contract, {
  identities: new Set(['alice']),
  schemas: new Set(),
  vectors: new Set(),
});

test('the example of the manual expands to the expected steps', () => {
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(manual) ?? [];
  const { suite, problems } = readSuite(new YamlFile('x.yaml', Buffer.from(example)), kind, {
    contract,
    mainClauses: new Map(),
  });
  expect(problems).toEqual([]);
  const [only] = suite?.cases ?? [];
  expect(only?.steps.map(({ verb, item }) => [verb, item])).toEqual([
    ['session', undefined],
    ['invoke', undefined],
    ['invoke', '"1999-12-31"'],
    ['invoke', '"2099-01-01"'],
    ['closeSession', undefined],
    ['invoke', undefined],
    ['openStream', undefined],
    ['end', undefined],
  ]);
});

const rows = [...manual.matchAll(/^\| `((?:[a-z][A-Za-z]*): \{.*)` \| `([a-z][A-Za-z]*: .*)` \|$/gm)].map(
  ([, written = '', meant = '']) => [stepsOf(written), meant.split('`, then `').flatMap(stepsOf)] as const,
);

test.each(rows)('%j expands to %j', (written, meant) => {
  expect(expandSteps(written, ['cases', 0, 'steps']).steps).toEqual(meant);
  expect(problemsOf(written)).toEqual([]);
});

test('the manual has the table of short words', () => {
  expect(rows.length).toBeGreaterThanOrEqual(15);
});

test('the manual names every key, verb, word and operator of the schema', () => {
  const schema = JSON.parse(readFileSync(join(root, 'fixtures/schema/suite.schema.json'), 'utf8'));
  const names = new Set<string>();
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') for (const name of Object.keys(value)) names.add(name);
      collect(value);
    }
  };
  collect(schema);
  const named = new Set(manual.match(/\$?[A-Za-z][A-Za-z0-9]*/g));
  expect([...names].filter((name) => !named.has(name))).toEqual([]);
});

function stepsOf(text: string): readonly WrittenStep[] {
  return [parse(text.replaceAll('\\|', '|'))];
}

function problemsOf(steps: readonly WrittenStep[]): readonly string[] {
  const needed = steps.some((step) => 'end' in step) ? [{ openStream: { as: 's', request: {} } }] : [];
  const cases = [{ case: 'one', title: 'T', clauses: ['RPC-1'], steps: [...needed, ...steps] }];
  const text = JSON.stringify({ suite: 's', about: 'About.', cases });
  return readSuite(new YamlFile('x.yaml', Buffer.from(text)), kind, {
    contract,
    mainClauses: new Map(),
  }).problems.map(({ message }) => message);
}
