import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runWords } from '../testing/run-words.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loop-'));
  await mkdir(join(folder, 'cases'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Writes a suite whose cases expect these statuses of HealthCheck, which is always "ok". */
async function writeCases(statuses: Readonly<Record<string, string>>): Promise<void> {
  const cases = Object.entries(statuses).map(
    ([name, status]) => `  - case: ${name}
    title: The runtime is ${status}
    clauses: [HEALTH-1]
    steps:
      - healthCheck: { expect: { health: { $include: { status: ${status} } } } }
`,
  );
  await writeFile(
    join(folder, 'cases', 'mine.yaml'),
    `suite: mine\nabout: A suite.\ncases:\n${cases.join('')}`,
  );
}

const run = (...words: readonly string[]) =>
  runWords([...words, '--fixtures', folder], { environment: { XDG_CACHE_HOME: join(folder, 'cache') } });

describe('--failed', () => {
  test('needs an earlier run', async () => {
    await writeCases({ a: 'ok' });
    expect(await run('--failed')).toEqual({
      exitCode: 2,
      output: '',
      warnings: [
        'error: --failed: no earlier run of embedded reference runtime in this folder is known; run it once without --failed',
      ],
    });
  });

  test('runs the cases that failed last, until none fails', async () => {
    await writeCases({ a: 'ok', b: 'down', c: 'down' });
    expect((await run()).output).toContain('2 of 3 selected cases failed\n');
    await writeCases({ a: 'ok', b: 'ok', c: 'down' });
    expect((await run('--failed')).output).toContain('1 of 2 selected cases failed\n');
    await writeCases({ a: 'ok', b: 'ok', c: 'ok' });
    expect((await run('--failed')).output).toContain('1 of 1 selected cases passed\n');
    expect(await run('--failed')).toEqual({
      exitCode: 0,
      output:
        'no case of embedded reference runtime failed in its last run in this folder; run without --failed to run all cases\n',
      warnings: [],
    });
  });

  test('can be narrowed, but not to nothing', async () => {
    await writeCases({ a: 'ok', b: 'down', c: 'down' });
    await run();
    expect((await run('--failed', '--case', 'b')).output).toContain('1 of 1 selected cases failed\n');
    expect(await run('--failed', '--case', 'a')).toMatchObject({
      exitCode: 2,
      warnings: ['error: --failed: the selection has none of the 2 cases that failed last: mine/b, mine/c'],
    });
    expect((await run('--failed', '--list')).warnings).toEqual([
      'error: --list and --failed exclude each other',
    ]);
  });

  test('applies to the cases that failed on any target of a matrix, which shares outcomes with single runs', async () => {
    await writeCases({ a: 'ok', b: 'down' });
    await run();
    const { output } = await run('matrix', '--target', 'one=embedded', '--failed');
    expect(output).toContain(' matrix of 1 implementation, 1 case,');
    await writeCases({ a: 'ok', b: 'ok' });
    await run('matrix', '--target', 'one=embedded', '--failed');
    expect((await run('matrix', '--target', 'one=embedded', '--failed')).output).toMatch(
      /^no case of one failed /,
    );
  });
});

describe('--repeat', () => {
  test('runs each case several times', async () => {
    await writeCases({ a: 'ok', b: 'ok' });
    expect((await run('--repeat', '3')).output).toContain(
      '2 of 2 selected cases passed in each of 3 rounds\n',
    );
    const { output } = await run('matrix', '--target', 'one=embedded', '--repeat', '2');
    expect(output).toContain('2 of 2 selected cases passed in each of 2 rounds');
  });
});

describe('invalid usage is one line', () => {
  test.each([
    [['--watch'], '--watch: this target has no file to watch; name one with --watch-path'],
    [['--watch-path', 'x'], '--watch-path requires --watch'],
    [['--watch', '--watch-path', '/no/such'], '--watch-path /no/such: there is no such file or folder'],
    [['--repeat', '0'], '--repeat must be a whole number from 1 to 1000, not 0'],
    [['--bail', 'two'], '--bail must be a whole number from 1 to 1000000, not two'],
    [['--bail', '--case', 'nope', '--bail=0'], '--bail is given twice'],
    [
      ['check-gateway', '--url', 'http://127.0.0.1:1', '--socket', '/tmp/x.sock', '--watch'],
      '--watch: this target has no file to watch; name one with --watch-path',
    ],
  ])('%j', async (words, message) => {
    expect(await runWords(words)).toEqual({ exitCode: 2, output: '', warnings: [`error: ${message}`] });
  });
});
