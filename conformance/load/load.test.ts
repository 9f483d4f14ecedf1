import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { loadFixtures } from './load.ts';
import { describeProblem, FixtureError } from './yaml-file.ts';

const identities = 'alice: { email: a@example.com }\n';
const suite = `suite: s
about: About.
cases:
  - case: one
    title: T
    clauses: [RPC-1, HEAD-1, RPC-5]
    revisions: [all]
    needs: { tools: [echo] }
    alone: true
    deadline: 2m
    note: Why.
    steps:
      - session: {}

      - check: { value: '\${session}', expect: { $type: string } }
  - case: two
    title: T
    clauses: [RPC-1, SESSION-3]
    steps: [session: {}]
`;

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fixtures-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}

async function problemsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const directory = await folder(files);
  try {
    await loadFixtures({ directory });
    return [];
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error;
    expect(error.code).toBe('fixture-invalid');
    return error.problems.map((problem) => describeProblem(problem).replaceAll(`${directory}/`, ''));
  }
}

test('loads the fixtures of this package', async () => {
  const { cases, suites } = await loadFixtures({ directory: join(packageRoot(), 'fixtures') });
  expect(cases.length).toBeGreaterThanOrEqual(314);
  expect(suites.length).toBeGreaterThanOrEqual(29);
});

test('reads a case with its defaults, level and positions', async () => {
  const directory = await folder({ 'identities.yaml': identities, 'cases/deep/s.yaml': suite });
  const { cases, suites, ...rest } = await loadFixtures({ directory });
  const file = join(directory, 'cases', 'deep', 's.yaml');
  expect(cases).toEqual([
    {
      kind: 'data',
      id: 's/one',
      suite: 's',
      title: 'T',
      clauses: ['RPC-1', 'HEAD-1', 'RPC-5'],
      level: 'capability:stream-head',
      strictOnly: true,
      since: { release: '1.1' },
      revisions: ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'],
      opensSessions: true,
      needs: { tools: ['echo'] },
      alone: true,
      deadlineMs: 120_000,
      note: 'Why.',
      source: { file, line: 4 },
      steps: [
        {
          verb: 'session',
          argument: {},
          source: { file, line: 13 },
          setup: { case: 'handshake/initialize', clause: 'INIT-1' },
        },
        {
          verb: 'check',
          argument: { value: '${session}', expect: { $type: 'string' } },
          source: { file, line: 15 },
        },
      ],
    },
    expect.objectContaining({
      id: 's/two',
      level: 'strict',
      revisions: ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'],
      needs: {},
      alone: false,
      deadlineMs: 20_000,
    }),
  ]);
  expect(suites).toEqual([{ name: 's', about: 'About.', file, cases }]);
  expect(rest.identities).toEqual(new Map([['alice', { email: 'a@example.com' }]]));
});

test('lets a folder use additional identities', async () => {
  const directory = await folder({ 'cases/s.yaml': suite });
  const base = new Map([['alice', { email: 'base' }]]);
  expect((await loadFixtures({ directory, identities: base })).identities).toEqual(base);
  await writeFile(join(directory, 'identities.yaml'), 'bob: { email: b }\n');
  const both = await loadFixtures({ directory, identities: base });
  expect([...both.identities.keys()]).toEqual(['alice', 'bob']);
});

test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  [
    'an empty folder',
    {},
    [
      'identities.yaml:1:1 no such file or folder',
      'cases:1:1 no such file or folder; a folder of fixtures needs a folder cases/ with suites',
    ],
  ],
  [
    'a folder without suites',
    { 'identities.yaml': identities, 'cases/README.md': '' },
    ['cases:1:1 this folder has no suites; add a .yaml file with cases'],
  ],
  [
    'a file with the wrong extension',
    { 'identities.yaml': identities, 'cases/s.yml': suite },
    ['cases/s.yml:1:1 suites need the extension .yaml; rename this file'],
  ],
  [
    'a duplicate suite name',
    { 'identities.yaml': identities, 'cases/a.yaml': suite, 'cases/b.yaml': suite },
    ['cases/b.yaml:1:8 the suite name "s" is already used in cases/a.yaml; rename one of the two'],
  ],
  [
    'mistakes in several files',
    {
      'identities.yaml': 'Bob: { email: b }\n',
      'cases/a.yaml': 'a: [',
      'cases/b.yaml': suite.replace('about', 'abuot'),
    },
    [
      'identities.yaml:1:1 key "Bob" in the file must be a name of an identity: lower-case letters, digits and hyphens',
      'cases/a.yaml:1:5 invalid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      'cases/b.yaml:2:1 unknown key "abuot" in the suite; did you mean "about"?',
    ],
  ],
  [
    'an identity with wrong claims',
    { 'identities.yaml': 'bob: { email: 5, isAdmin: true }\n', 'cases/a.yaml': suite },
    [
      'identities.yaml:1:15 "email" in bob must be a string, found 5; put it in quotes',
      'identities.yaml:1:18 unknown key "isAdmin" in bob; did you mean "is_admin"?',
    ],
  ],
])('rejects %s', async (_name, files, lines) => {
  const problems = await problemsOf(files);
  expect([...problems].sort()).toEqual([...lines].sort());
});

test('rejects a file at the path of the cases folder', async () => {
  const directory = await folder({ cases: 'a file' });
  await expect(loadFixtures({ directory, identities: new Map() })).rejects.toThrow(
    'it is a file, not a folder',
  );
});
