import { describe, expect, it } from 'vitest';
import { loadFacts } from './facts.ts';
import { readMarkers } from './markers.ts';
import { readRecording, staleRecording } from './recorded.ts';
import { staleFaults } from './recorded-faults.ts';
import { declaredCases, staleScreen } from './recorded-screen.ts';

const facts = await loadFacts();
const [first] = facts.cases;
const [suite] = facts.suites;
const forBothEras = declaredCases(facts.cases);
const total = forBothEras.length;
const suites = new Set(forBothEras.map(({ suite }) => suite)).size;
const command = 'npx mcp-runtime-conformance';

async function messagesFor(screen: string, line = command): Promise<readonly string[]> {
  return (await staleScreen(line, screen, facts)).map(({ message }) => message);
}

describe('staleScreen', () => {
  it.each([
    ['a total', `conformant at strict: ${total} of ${total} cases passed`],
    ['the head', `  cases         ${total} in ${suites} suites, level strict\n…`],
    ['the row of a suite', `  ok    ${suite?.name}  ${suite?.cases.length} passed`],
    ['an id', `FAILED ${first?.id}\n  ${first?.title}`],
    ['the vectors', `2 of ${facts.vectors} vectors read differently`],
  ])('accepts %s that matches this build', async (_, screen) => {
    expect(await messagesFor(screen)).toEqual([]);
  });

  it.each([
    ['a total', 'conformant at strict: 7 of 7 cases passed', 'cases, not 7'],
    ['a number of suites', `  cases         ${total} in 3 suites, level strict\n…`, 'suites, not 3'],
    ['the row of a suite', `  FAIL  ${suite?.name}  98 passed, 1 failed`, 'cases, not 99'],
    ['a chapter', '  LIFE  99  98 of 99', 'clauses of LIFE'],
    [
      'a sentence of a matrix',
      `1 of 1 implementations are conformant at strict: ${total} cases, 1 clauses`,
      'not 1',
    ],
    ['an id', `FAILED ${suite?.name}/no-such-case`, 'no case'],
    ['a title', `FAILED ${first?.id}\n  Another title`, 'the title of'],
    ['the level of a clause', '  RPC-8 · client · MUST', 'a different level'],
    ['the text of a clause', '  RPC-8 · strict · MUST\n    Another text.', 'the text of RPC-8'],
    ['a place', 'step 4, invoke (fixtures/cases/calls.yaml:1)', 'no step'],
    ['a list of suites', `  cases         ${total} in ${suites} suites, level strict`, 'not listed'],
  ])('finds an outdated %s', async (_, screen, message) => {
    expect(await messagesFor(screen)).toContainEqual(expect.stringContaining(message));
  });

  it('counts the cases that the command selects', async () => {
    const screen = `${suite?.cases.length} of ${suite?.cases.length} selected cases passed`;
    expect(await messagesFor(screen, `${command} --suite ${suite?.name}`)).toEqual([]);
    expect(await messagesFor(screen)).not.toEqual([]);
  });
});

describe('staleFaults', () => {
  const faults = [
    { name: 'deaf', clause: 'RPC-1', about: 'Hears nothing' },
    { name: 'mute', clause: 'RPC-2', about: 'Says a | b' },
  ];
  const page = `- 2 faults, 9 cases, 3 s
- 2 caught, 0 survived

| deaf | RPC-1 | Hears nothing | a/one | 0 |
| mute | RPC-2 | Says a \\| b | a/two | 1 |
`;

  it('accepts a page that lists the same faults', () => {
    expect(staleFaults(page, faults, 9)).toEqual([]);
  });

  it.each([
    ['a new fault', faults.concat({ name: 'new', clause: 'RPC-1', about: 'x' }), 9, 'without a row: new'],
    ['a removed fault', faults.slice(1), 9, 'removed faults: deaf'],
    [
      'another description',
      faults.map((each) => ({ ...each, about: 'Hears nothing' })),
      9,
      'description: mute',
    ],
    ['another number of cases', faults, 10, 'the suite has 10'],
  ])('finds %s', (_, today, cases, message) => {
    expect(staleFaults(page, today, cases)).toContainEqual(expect.stringContaining(message));
  });
});

it('reports an unobservable clause whose reason is missing', () => {
  expect(staleFaults('', [], 0, { 'LIFE-1': 'Not seen.' })).toContainEqual(expect.stringContaining('LIFE-1'));
  expect(staleFaults('\n- LIFE-1: Not seen.\n', [], 0, { 'LIFE-1': 'Not seen.' })).toEqual([]);
});

it.each([
  ['2026-11-28, npm test', { date: '2026-11-28', command: 'npm test', byHand: false }],
  ['2026-11-28, npm test (by hand)', { date: '2026-11-28', command: 'npm test', byHand: true }],
  ['npm test', undefined],
])('parses the label %s', (label, recording) => {
  expect(readRecording(label)).toEqual(recording);
});

describe('staleRecording', () => {
  it.each([
    ['without a date', 'npm run prove -- suite-time', 'needs a date'],
    ['of the benchmark', '2026-11-28, npm run prove -- suite-time', 'measured with 7 cases'],
    ['of faults', '2026-11-28, npm run prove -- go --markdown go.md', 'without a row'],
  ])('finds an outdated recording %s', async (_, label, message) => {
    const rows = '| 7 | 3.19 | 94 | 1.00x | 204 MiB |';
    const [marker] = readMarkers(`<!-- recorded: ${label} -->\n${rows}\n<!-- /recorded -->\n`).markers;
    expect(marker && (await staleRecording(marker, facts))).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    );
  });
});
