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
- { case: calls/many, reason: flaky }
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
    '- case: a/b\n  reason: x\n  whatever: x',
    'f.yaml:3 unknown key "whatever"; known keys are "case" and "reason"',
  ],
];

describe('parseKnownFailures', () => {
  test('reads entries with their lines', () => {
    expect(parseKnownFailures(sampleList, 'f.yaml')).toEqual([
      { case: 'sessions/close', reason: 'issue 7, soon', line: 2 },
      { case: 'calls/many', reason: 'flaky', line: 6 },
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
      checkKnownFailures(entries, new Set(['sessions/close', 'calls/many']), 'f.yaml'),
    ).not.toThrow();
  });

  test('suggests the nearest case', () => {
    const check = () => checkKnownFailures(entries, new Set(['sessions/closed', 'calls/many']), 'f.yaml');
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
    ['sessions/closing-ends-streams', 'issue 7'],
    ['sessions/close-then-use', 'passes now'],
    ['limits/many', 'skipped this time'],
    ['limits/inflate', 'broken this time'],
    ['other/not-selected', 'issue 9'],
  ]);
  expect([...updateKnownFailures(sampleReport(sampleResults).run, previous)]).toEqual([
    ['limits/inflate', 'broken this time'],
    ['limits/many', 'skipped this time'],
    ['other/not-selected', 'issue 9'],
    ['sessions/closing-ends-streams', 'issue 7'],
    ['sessions/unknown-session', 'status: expected 404, got 200'],
    [
      'streams/after-initialize',
      'blocked by INIT-1 (handshake/initialize): initialize did not create a session: status 500',
    ],
  ]);
});

test('writes a list that it can read again', () => {
  const reasons = new Map([
    ['a/b', 'expected: "404" # not 200\nand more'],
    ['c/d', '- x'],
    ['e/f', 'x'.repeat(300)],
  ]);
  const text = renderKnownFailures(reasons);
  expect(text).toMatch(/^# Known failures/);
  expect(parseKnownFailures(text, 'f').map((entry) => [entry.case, entry.reason])).toEqual([...reasons]);
});

test('writes an empty list that it can read again', () => {
  expect(parseKnownFailures(renderKnownFailures(new Map()), 'f')).toEqual([]);
});

function problemOf(message: string): { readonly line: number; readonly message: string } {
  const [, line = '', text = ''] = /^f\.yaml:(\d+) (.*)$/.exec(message) ?? [];
  return { line: Number(line), message: text };
}
