import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renderJson } from '../../formats/json/run.ts';
import { sampleReport, sampleResults } from '../../report/testing/sample-report.ts';
import { runWords } from '../testing/run-words.ts';

let folder: string;
let green: string;
let red: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compare-'));
  green = join(folder, 'green.json');
  red = join(folder, 'red.json');
  const passing = sampleResults.slice(0, 3).map((result) => ({
    ...result,
    outcome: { kind: 'passed' } as const,
  }));
  await writeFile(green, renderJson(sampleReport(passing)));
  await writeFile(red, renderJson(sampleReport(sampleResults.slice(0, 3))));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const run = (words: readonly string[]) => runWords(['compare', ...words]);

test('lists a case that newly fails', async () => {
  expect(await run([green, red])).toEqual({
    exitCode: 1,
    output:
      'newly failing (1)\n' +
      '  sessions/unknown-session  SESSION-2  passed → failed: status: expected 404, got 200\n\n' +
      '1 newly failing, 0 newly passing, 0 new, 0 removed, 3 unchanged\n',
    warnings: [],
  });
});

test('lists a case that newly passes', async () => {
  const { exitCode, output } = await run([red, green]);
  expect(output).toContain('newly passing (1)\n  sessions/unknown-session  SESSION-2  failed → passed\n');
  expect(exitCode).toBe(0);
});

test('writes the requested reports', async () => {
  const [json, markdown] = [join(folder, 'out.json'), join(folder, 'out.md')];
  const { exitCode, warnings } = await run([green, red, '--report', `json=${json},markdown=${markdown}`]);
  expect([exitCode, warnings]).toEqual([1, []]);
  expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
    kind: 'compare',
    old: { file: green },
    changes: [{ kind: 'newly failing', subject: 'sessions/unknown-session' }],
  });
  expect(await readFile(markdown, 'utf8')).toContain('sessions/unknown-session');
});

test('reports a file that cannot be written before it compares', async () => {
  const { exitCode, output } = await run([
    green,
    red,
    '--report',
    `json=${join(folder, 'none', 'out.json')}`,
  ]);
  expect([exitCode, output]).toEqual([2, '']);
});

test('reports each usage error on one line', async () => {
  const notes = join(folder, 'notes.txt');
  await writeFile(notes, 'hello');
  expect(await run([green])).toMatchObject({
    exitCode: 2,
    warnings: ['error: compare needs two reports, OLD.json and NEW.json; found 1'],
  });
  expect(await run([green, notes])).toMatchObject({
    exitCode: 2,
    warnings: [`error: ${notes}: it is not JSON; expected a report written by --report json=FILE`],
  });
  expect((await run([green, red, '--targt', 'x'])).warnings).toEqual([
    'error: unknown option --targt; did you mean --target?',
  ]);
  expect((await run([green, red, '--report', 'svg=x.svg'])).warnings).toEqual([
    'error: --report svg=x.svg: a comparison has no such report; use json, junit, markdown or html',
  ]);
  expect((await run(['--help'])).output).toContain('OLD.json NEW.json');
});
