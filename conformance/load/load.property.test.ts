import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { loadClauses } from './clauses.ts';
import { runtimeSuites } from './runtime-suites.ts';
import { readSuite } from './suite-file.ts';
import { describeProblem, FixtureError, YamlFile } from './yaml-file.ts';

const contract = await loadClauses(packageRoot());
const kind = runtimeSuites(contract, {
  identities: new Set(['alice']),
  schemas: new Set(['tool']),
  vectors: new Set(['health-response']),
});

/** What is wrong with a file, one line each. */
function problemsOf(bytes: Uint8Array): readonly string[] {
  try {
    return readSuite(new YamlFile('x.yaml', bytes), kind, { contract, mainClauses: new Map() }).problems.map(
      describeProblem,
    );
  } catch (error) {
    if (error instanceof FixtureError) return error.problems.map(describeProblem);
    throw error;
  }
}

const sound = `suite: s
about: About.
cases:
  - case: one
    title: T
    clauses: [RPC-1]
    steps:
      - session: {}
      - invoke: { request: { message: { id: 1, method: ping } }, expect: { status: 200 } }
`;

const scrap = fc.oneof(
  fc.constantFrom(
    '&a ',
    '*a',
    '!!binary ',
    '<<: ',
    '? ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    '|\n',
    '\t',
    '---\n',
    '%',
    '\0',
    '$ref',
    '${x',
    '#',
    "'",
  ),
  fc.string({ maxLength: 5 }),
);

/** A sound file with a few places replaced. */
const damaged = fc
  .array(fc.tuple(fc.nat(sound.length), fc.nat(12), scrap), { minLength: 1, maxLength: 4 })
  .map((damages) =>
    damages.reduce((text, [at, less, more]) => text.slice(0, at) + more + text.slice(at + less), sound),
  );

test('the file that is damaged here is sound', () => {
  expect(problemsOf(Buffer.from(sound))).toEqual([]);
});

test('any file is read, or refused in lines that say where', () => {
  const file = fc.oneof(
    damaged.map((text) => Buffer.from(text)),
    fc.string().map((text) => Buffer.from(text)),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(file, (bytes) => {
      for (const problem of problemsOf(bytes)) expect(problem).toMatch(/^x\.yaml:\d+:\d+ \S/);
    }),
    { numRuns: 400 },
  );
});
