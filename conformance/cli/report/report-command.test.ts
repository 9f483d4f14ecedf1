import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import { runWords } from '../testing/run-words.ts';

// The built program. `npm test` builds it first.
const faultyRuntime = join(packageRoot(), 'dist', 'proof', 'harness', 'faulty-runtime.js');
const timeout = { timeout: 120_000 };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
  await mkdir(join(folder, 'reports'));
  expect((await check(['--command', faulty], 'reports/whole.json')).exitCode).toBe(1);
  expect((await check(['matrix', ...targets], 'reports/matrix.json')).exitCode).toBe(1);
}, timeout.timeout);

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const file = (name: string) => join(folder, name);
const json = async (name: string) => JSON.parse(await readFile(file(name), 'utf8'));
const faulty = `${process.execPath} ${faultyRuntime} scope-not-checked`;
const suites = [
  '--suite',
  'health',
  '--suite',
  'sessions',
  '--suite',
  'identity-isolation',
  '--suite',
  'headers',
];

const targets = ['--target', 'kit=embedded', '--target', `other=command:${faulty}`];

/** Checks a target or a matrix, and writes a JSON report. */
const check = (words: readonly string[], report: string) =>
  runWords([...words, ...suites, '--timeout', '60', '--report', `json=${file(report)}`]);

interface Report {
  readonly verdict: object;
  readonly eras: object;
  readonly settings: object;
  readonly target: { readonly readyMs: number };
  readonly clauses: object;
  readonly cases: readonly {
    readonly id: string;
    readonly outcome: { readonly kind: string; readonly failure?: { readonly summary: string } };
  }[];
}

/** Returns the parts of a report that do not depend on times and generated values. */
function steady({ verdict, eras, settings, target, clauses, cases }: Report): object {
  return {
    ...{ verdict, eras, settings, clauses },
    target: { ...target, readyMs: 0 },
    cases: cases.map(({ id, outcome: { kind, failure } }) => ({ id, kind, summary: failure?.summary })),
  };
}

test('shards of a run are the whole run again', timeout, async () => {
  const indexes = [1, 2, 3];
  for (const index of indexes) {
    const shard = await check(['--command', faulty, '--shard', `${index}/3`], `${index}.json`);
    expect(shard.output).toContain(`, level strict, shard ${index}/3\n`);
    expect(shard.output).toMatch(new RegExp(` selected cases of shard ${index}/3 (passed|failed)`));
    const { shard: own, cases, verdict } = await json(`${index}.json`);
    expect(own).toMatchObject({ index, of: 3 });
    expect(cases.length).toBeGreaterThan(5);
    expect(verdict.conformant).toBe(false);
  }
  const merged = await runWords([
    'report',
    'merge',
    ...indexes.map((index) => file(`${index}.json`)),
    '--out',
    file('merged.json'),
  ]);
  const { verdict } = await json('reports/whole.json');
  expect(merged).toEqual({
    exitCode: 1,
    output: `${file('merged.json')}: merged 3 reports\n${verdict.sentence}\n`,
    warnings: [],
  });
  expect(verdict.findings.length).toBeGreaterThan(0);
  expect(steady(await json('merged.json'))).toEqual(steady(await json('reports/whole.json')));
});

test('shards of a matrix are the whole matrix again', timeout, async () => {
  const indexes = [1, 2, 3];
  for (const index of indexes) {
    const shard = await check(['matrix', ...targets, '--shard', `${index}/3`], `m${index}.json`);
    expect(shard.output).toContain(`, level strict, shard ${index}/3\n`);
    expect(shard.output).toContain(`pass the selected cases of shard ${index}/3`);
  }
  expect((await json('m1.json')).shard).toEqual({ index: 1, of: 3, targets: ['kit', 'other'] });
  const merged = await runWords([
    'report',
    'merge',
    ...indexes.map((index) => file(`m${index}.json`)),
    '--out',
    file('m.json'),
  ]);
  expect(merged.exitCode).toBe(1);
  const [joined, whole] = [await json('m.json'), await json('reports/matrix.json')];
  for (const member of ['verdict', 'clauses', 'cases', 'level', 'tool']) {
    expect(joined[member], member).toEqual(whole[member]);
  }
  expect(joined.disagreements.length).toBeGreaterThan(0);
  const reports = (matrix: {
    readonly implementations: readonly { readonly name: string; readonly report: Report }[];
  }) => matrix.implementations.map(({ name, report }) => [name, steady(report)]);
  expect(reports(joined)).toEqual(reports(whole));
});

test('a site shows the runs of the reports', timeout, async () => {
  await runWords(['--suite', 'health', '--report', `json=${file('reports/health.json')}`]);
  const { exitCode, output, warnings } = await runWords([
    'report',
    'site',
    file('reports'),
    '--out',
    file('site'),
  ]);
  expect(warnings).toEqual([]);
  expect(output).toBe(`${file('site')}/index.html: 4 runs of 4 implementations\n`);
  expect(exitCode).toBe(0);
  const index = await readFile(file('site/index.html'), 'utf8');
  expect(index).toContain('<a href="kit/index.html"><bdi>kit</bdi></a>');
  const [run = ''] = (await readdir(file('site/other/runs'))).filter(
    (name) => !name.endsWith('-report.html'),
  );
  const page = await readFile(file(`site/other/runs/${run}`), 'utf8');
  expect(page).toContain(`href="${run.replace('.html', '-report.html')}#/finding/1"`);
  const full = await readFile(file(`site/other/runs/${run.replace('.html', '-report.html')}`), 'utf8');
  expect(full).toContain('<script type="application/json" id="report">');
});

test('a report becomes an HTML file', timeout, async () => {
  const out = file('report.html');
  expect(await runWords(['report', 'html', file('reports/whole.json'), '--out', out])).toEqual({
    exitCode: 0,
    output: `${out}\n`,
    warnings: [],
  });
  expect(await readFile(out, 'utf8')).toContain('scope-not-checked: failed</title>');
  const matrix = ['report', 'html', file('reports/matrix.json'), '--out', out];
  expect((await runWords([...matrix, '--target', 'kit'])).exitCode).toBe(0);
  expect(await readFile(out, 'utf8')).toContain('<title>embedded reference runtime: passed</title>');
  expect((await runWords(matrix)).warnings).toEqual([
    `error: ${file('reports/matrix.json')} is a matrix; choose an implementation with --target: kit or other`,
  ]);
});

describe('invalid usage', () => {
  test.each<[readonly string[], string]>([
    [['report'], 'use report merge, report html or report site'],
    [['report', 'sit'], 'use report merge, report html or report site, not report sit'],
    [['report', 'merge', '--out', 'x.json'], 'report merge needs at least one report: FILE.json'],
    [['report', 'merge', 'a.json'], 'report merge needs --out: the JSON report to write'],
    [['report', 'merge', 'a.json', 'a.json', '--out', 'x.json'], 'report merge: a.json is given twice'],
    [['report', 'merge', '/no/such.json', '--out', 'x.json'], '/no/such.json: there is no such file'],
    [['report', 'html', '--out', 'x.html'], 'report html needs one report: FILE.json'],
    [['report', 'html', 'a.json'], 'report html needs --out: the HTML file to write'],
    [['report', 'site', '--out', 'x'], 'report site needs one folder with JSON reports'],
    [['report', 'site', 'a', 'b', '--out', 'x'], 'report site needs one folder with JSON reports'],
    [['report', 'site', 'a'], 'report site needs --out: the folder to write'],
    [['report', 'site', '/no/such', '--out', 'x'], '/no/such: there is no such folder'],
    [
      ['report', 'site', 'a', '--out', 'x', '--base-url', 'ftp://x'],
      '--base-url must be an http or https URL without query, not ftp://x',
    ],
    [['--shard', '4/3'], '--shard must be INDEX/NUMBER, such as 2/5 for the second of five, not 4/3'],
    [['--shard', '1/3', '--watch'], '--shard and --watch exclude each other'],
    [['matrix', '--shard', '1/3', '--failed'], '--shard and --failed exclude each other'],
    [
      ['--case', 'health/ok', '--shard', '1/3'],
      '--shard: the selection has 1 case, too few for 3 shards; use at most 1',
    ],
  ])('%j', timeout, async (words, message) => {
    expect(await runWords(words)).toEqual({ exitCode: 2, output: '', warnings: [`error: ${message}`] });
  });

  test('a file that is not a report, and reports that do not fit together', timeout, async () => {
    await check(['--suite', 'health', '--shard', '1/2'], 'half.json');
    await writeFile(file('other.json'), '{}');
    expect(
      (await runWords(['report', 'merge', file('other.json'), '--out', file('x.json')])).warnings,
    ).toEqual([
      `error: ${file('other.json')}: it is JSON but not a report; expected a report written by --report json=FILE`,
    ]);
    const { warnings, exitCode } = await runWords([
      'report',
      'merge',
      file('half.json'),
      '--out',
      file('x.json'),
    ]);
    expect(warnings).toEqual([
      `error: ${file('half.json')} cannot be merged: there is no report of shard 2/2 of the run`,
    ]);
    expect(exitCode).toBe(2);
  });
});
