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

/** Returns the problems of a file, one line each. */
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

const valid = `suite: s
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

/** A valid file with a few random replacements. */
const damaged = fc
  .array(fc.tuple(fc.nat(valid.length), fc.nat(12), scrap), { minLength: 1, maxLength: 4 })
  .map((damages) =>
    damages.reduce((text, [at, less, more]) => text.slice(0, at) + more + text.slice(at + less), valid),
  );

test('accepts the file before it is damaged', () => {
  expect(problemsOf(Buffer.from(valid))).toEqual([]);
});

test('reads any file, or reports problems with their positions', () => {
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
