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

/** Files that are refused, with the message. */
const refusedLists: readonly (readonly [string, string])[] = [
  ['a: 1', 'f.yaml:1 has to be a list, each entry with "case" and "reason": - case: suite/case'],
  ['- sessions/close', 'f.yaml:1 an entry is a mapping with "case" and "reason"'],
  ['- reason: x', 'f.yaml:1 an entry without "case"'],
  ['- case: close\n  reason: x', 'f.yaml:1 "close" is no case id: write suite/case'],
  ['\n- case: a/b', "f.yaml:2 a/b has no reason; say why it fails, such as an issue's address"],
  ['- case: a/b\n  reason: "  "', "f.yaml:1 a/b has no reason; say why it fails, such as an issue's address"],
  ['- case: a/b\n  reason:', "f.yaml:1 a/b has no reason; say why it fails, such as an issue's address"],
  ['- case: a/b\n  reason: 3', 'f.yaml:2 "reason" has to be text'],
  ['- case: a/b\n  raeson: x', 'f.yaml:2 unknown key "raeson"; did you mean "reason"?'],
  [
    '- case: a/b\n  reason: x\n  whatever: x',
    'f.yaml:3 unknown key "whatever"; an entry has "case" and "reason"',
  ],
];

describe('parseKnownFailures', () => {
  test('reads entries with their lines', () => {
    expect(parseKnownFailures(sampleList, 'f.yaml')).toEqual([
      { case: 'sessions/close', reason: 'issue 7, soon', line: 2 },
      { case: 'calls/many', reason: 'flaky', line: 6 },
    ]);
  });

  test.each(['', '# nothing\n', '[]\n', 'null'])('takes %j as an empty list', (text) => {
    expect(parseKnownFailures(text, 'f.yaml')).toEqual([]);
  });

  test.each(refusedLists)('refuses %j', (text, message) => {
    expect(() => parseKnownFailures(text, 'f.yaml')).toThrow(
      new KnownFailuresError('f.yaml', [problemOf(message)]),
    );
  });

  test('refuses what is listed twice', () => {
    const text = '- case: a/b\n  reason: x\n- case: a/b\n  reason: y\n';
    const message = 'f.yaml:3 a/b is listed twice; it is on line 1 too';
    expect(() => parseKnownFailures(text, 'f.yaml')).toThrow(message);
  });

  test('names the line of broken YAML', () => {
    expect(() => parseKnownFailures('- case: a/b\n  reason: "x\n', 'f.yaml')).toThrow(
      /^f\.yaml:\d not valid YAML: /,
    );
  });

  test('names every mistake at once', () => {
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

  test('takes entries whose cases exist', () => {
    expect(() =>
      checkKnownFailures(entries, new Set(['sessions/close', 'calls/many']), 'f.yaml'),
    ).not.toThrow();
  });

  test('names the nearest case', () => {
    const check = () => checkKnownFailures(entries, new Set(['sessions/closed', 'calls/many']), 'f.yaml');
    expect(check).toThrow('f.yaml:2 there is no case sessions/close; did you mean sessions/closed?');
  });
});

test('a file that is not there is an error of its own', async () => {
  await expect(readKnownFailures('/no/such/file.yaml')).rejects.toThrow(
    '/no/such/file.yaml: there is no such file',
  );
});

test('keeps reasons, adds failures, drops what passes and leaves what was not decided', () => {
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
  ]);
});

test('what is written can be read again', () => {
  const reasons = new Map([
    ['a/b', 'expected: "404" # not 200\nand more'],
    ['c/d', '- x'],
    ['e/f', 'x'.repeat(300)],
  ]);
  const text = renderKnownFailures(reasons);
  expect(text).toMatch(/^# Failures that are known/);
  expect(parseKnownFailures(text, 'f').map((entry) => [entry.case, entry.reason])).toEqual([...reasons]);
});

test('an empty list is a list', () => {
  expect(parseKnownFailures(renderKnownFailures(new Map()), 'f')).toEqual([]);
});

function problemOf(message: string): { readonly line: number; readonly message: string } {
  const [, line = '', text = ''] = /^f\.yaml:(\d+) (.*)$/.exec(message) ?? [];
  return { line: Number(line), message: text };
}
