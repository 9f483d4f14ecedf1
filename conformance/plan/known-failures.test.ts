import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../base/package.ts';
import { sampleReport, sampleResults } from '../report/testing/sample-report.ts';
import {
  checkKnownFailures,
  KnownFailuresError,
  parseKnownFailures,
  readKnownFailures,
  renderKnownFailures,
  updateKnownFailures,
} from './known-failures.ts';

const sampleList = `# why
- case: sessions/close
  reason: >
    issue 7,
    soon
- { case: calls/many, outcome: may fail, reason: flaky }
- { case: calls/one, outcome: fails, reason: issue 8 }
`;

/** Invalid files and their messages. */
const refusedLists: readonly (readonly [string, string])[] = [
  ['a: 1', 'f.yaml:1 the file must be a list of entries with "case" and "reason"'],
  ['- sessions/close', 'f.yaml:1 an entry must be a mapping with "case" and "reason"'],
  ['- reason: x', 'f.yaml:1 this entry has no "case"; add the id of a case, suite/case'],
  ['- case: close\n  reason: x', 'f.yaml:1 "close" is not a case id; write suite/case'],
  ['\n- case: a/b', 'f.yaml:2 a/b has no reason; explain why it fails, for example with a link to an issue'],
  [
    '- case: a/b\n  reason: "  "',
    'f.yaml:1 a/b has no reason; explain why it fails, for example with a link to an issue',
  ],
  [
    '- case: a/b\n  reason:',
    'f.yaml:1 a/b has no reason; explain why it fails, for example with a link to an issue',
  ],
  ['- case: a/b\n  reason: 3', 'f.yaml:2 "reason" must be text'],
  ['- case: a/b\n  raeson: x', 'f.yaml:2 unknown key "raeson"; did you mean "reason"?'],
  [
    '- case: a/b\n  outcome: may-fail\n  reason: x',
    'f.yaml:1 a/b has the unknown outcome "may-fail"; write "fails" or "may fail"',
  ],
  [
    '- case: a/b\n  outcome: x\n  reason: x',
    'f.yaml:1 a/b has the unknown outcome "x"; write "fails" or "may fail"',
  ],
  [
    '- case: a/b\n  reason: x\n  whatever: x',
    'f.yaml:3 unknown key "whatever"; known keys are "case", "outcome" and "reason"',
  ],
];

describe('parseKnownFailures', () => {
  test('reads entries with their lines', () => {
    expect(parseKnownFailures(sampleList, 'f.yaml')).toEqual([
      { case: 'sessions/close', reason: 'issue 7, soon', line: 2 },
      { case: 'calls/many', reason: 'flaky', mayFail: true, line: 6 },
      { case: 'calls/one', reason: 'issue 8', line: 7 },
    ]);
  });

  test.each(['', '# nothing\n', '[]\n', 'null'])('reads %j as an empty list', (text) => {
    expect(parseKnownFailures(text, 'f.yaml')).toEqual([]);
  });

  test.each(refusedLists)('rejects %j', (text, message) => {
    expect(() => parseKnownFailures(text, 'f.yaml')).toThrow(
      new KnownFailuresError('f.yaml', [problemOf(message)]),
    );
  });

  test('rejects a duplicate case', () => {
    const text = '- case: a/b\n  reason: x\n- case: a/b\n  reason: y\n';
    const message = 'f.yaml:3 duplicate entry a/b; already listed on line 1';
    expect(() => parseKnownFailures(text, 'f.yaml')).toThrow(message);
  });

  test('names the line of broken YAML', () => {
    expect(() => parseKnownFailures('- case: a/b\n  reason: "x\n', 'f.yaml')).toThrow(
      /^f\.yaml:\d invalid YAML: /,
    );
  });

  test('reports every mistake', () => {
    expect(() => parseKnownFailures('- case: a/b\n- reason: y\n', 'f.yaml')).toThrow(
      /f\.yaml:1 .+\nf\.yaml:2 /,
    );
  });

  test('agrees with the published schema', async () => {
    const file = join(packageRoot(), 'conformance/schemas/known-failures.v1.schema.json');
    const validate = new Ajv2020().compile(JSON.parse(await readFile(file, 'utf8')));
    expect(validate(parse(sampleList))).toBe(true);
    expect(refusedLists.filter(([text]) => validate(parse(text)))).toEqual([]);
  });
});

describe('checkKnownFailures', () => {
  const entries = parseKnownFailures(sampleList, 'f.yaml');

  test('accepts entries for existing cases', () => {
    expect(() =>
      checkKnownFailures(entries, new Set(['sessions/close', 'calls/many', 'calls/one']), 'f.yaml'),
    ).not.toThrow();
  });

  test('suggests the nearest case', () => {
    const check = () =>
      checkKnownFailures(entries, new Set(['sessions/closed', 'calls/many', 'calls/one']), 'f.yaml');
    expect(check).toThrow('f.yaml:2 unknown case sessions/close; did you mean sessions/closed?');
  });
});

test('reports a missing file', async () => {
  await expect(readKnownFailures('/no/such/file.yaml')).rejects.toThrow(
    '/no/such/file.yaml: there is no such file',
  );
});

test('keeps reasons, adds failures, drops passing cases and keeps undecided ones', () => {
  const previous = new Map([
    ['sessions/closing-ends-streams', { reason: 'issue 7' }],
    ['sessions/close-then-use', { reason: 'passes now' }],
    ['health/ok', { reason: 'passes now and then', mayFail: true }],
    ['limits/many', { reason: 'skipped this time' }],
    ['limits/inflate', { reason: 'broken this time' }],
    ['other/not-selected', { reason: 'issue 9' }],
  ]);
  expect([...updateKnownFailures(sampleReport(sampleResults).run, previous)]).toEqual([
    ['health/ok', { reason: 'passes now and then', mayFail: true }],
    ['limits/inflate', { reason: 'broken this time' }],
    ['limits/many', { reason: 'skipped this time' }],
    ['other/not-selected', { reason: 'issue 9' }],
    ['sessions/closing-ends-streams', { reason: 'issue 7' }],
    ['sessions/unknown-session', { reason: 'status: expected 404, got 200' }],
    [
      'streams/after-initialize',
      {
        reason: 'blocked by INIT-1 (handshake/initialize): initialize did not create a session: status 500',
      },
    ],
  ]);
});

test('writes a list that it can read again', () => {
  const failures = new Map([
    ['a/b', { reason: 'expected: "404" # not 200\nand more' }],
    ['c/d', { reason: '- x', mayFail: true }],
    ['e/f', { reason: 'x'.repeat(300) }],
  ]);
  const text = renderKnownFailures(failures);
  expect(text).toMatch(/^# Known failures/);
  const read = parseKnownFailures(text, 'f').map(({ case: id, line: _, ...listed }) => [id, listed]);
  expect(read).toEqual([...failures]);
});

test('writes an empty list that it can read again', () => {
  expect(parseKnownFailures(renderKnownFailures(new Map()), 'f')).toEqual([]);
});

function problemOf(message: string): { readonly line: number; readonly message: string } {
  const [, line = '', text = ''] = /^f\.yaml:(\d+) (.*)$/.exec(message) ?? [];
  return { line: Number(line), message: text };
}
