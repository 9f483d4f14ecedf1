import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explainError } from './explain-error.ts';
import { runWords } from './testing/run-words.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const run = runWords;

async function writeSuite(text: string): Promise<string> {
  await mkdir(join(folder, 'cases'), { recursive: true });
  await writeFile(join(folder, 'cases', 'mine.yaml'), text);
  return folder;
}

const sampleSuite = `suite: mine
about: A suite for this test.
cases:
  - case: healthy
    title: The runtime is healthy
    clauses: [HEALTH-1]
    note: Only an example.
    steps:
      - healthCheck: { expect: { health: { $include: { status: ok } } } }
`;

describe('informational options', () => {
  test('print the version', async () => {
    expect(await run(['--version'])).toEqual({ exitCode: 0, output: '1.2.3\n', warnings: [] });
  });

  test('list cases', async () => {
    expect(await run(['--list', '--fixtures', await writeSuite(sampleSuite)])).toEqual({
      exitCode: 0,
      output: 'mine (1 case)\n  mine/healthy  core  HEALTH-1\n\n1 case in 1 suite\n',
      warnings: [],
    });
  });

  test('explain a case', async () => {
    const { exitCode, output } = await run([
      '--explain',
      'mine/healthy',
      '--fixtures',
      await writeSuite(sampleSuite),
    ]);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^mine\/healthy\n {2}The runtime is healthy\n/);
    expect(output).toContain(
      '  level       core\n  revisions   legacy\n  releases    all\n  deadline    20 s\n  needs       none\n',
    );
    expect(output).toContain('\n  Only an example.\n');
    expect(output).toContain('    HEALTH-1 · core · MUST\n      While the runtime can serve calls');
    expect(output).toContain('  steps\n    - healthCheck:\n        expect:\n          health:\n');
  });

  test('explain a suite', async () => {
    const { exitCode, output } = await run(['--explain', 'mcp-ping']);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^mcp-ping\n\n {4}mcp-ping\/\S+ {2}\S/);
  });

  test('explain a clause case-insensitively', async () => {
    const { exitCode, output } = await run(['--explain', 'health-1']);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^HEALTH-1 · core · MUST · all\n {2}While the runtime can serve calls/);
    expect(output).toMatch(/\n {2}cases\n(?: {4}.+\n)* {4}health\/ok +\S/);
  });
});

describe('help', () => {
  test.each([['--help'], ['-h']])('%s shows targets, commands and exit codes', async (flag) => {
    const { exitCode, output, warnings } = await run([flag]);
    expect(output).toMatch(/--image <image>[\s\S]+\n {2}matrix {2,}run [\s\S]+Exit code: 0 conformant/);
    expect({ exitCode, warnings }).toEqual({ exitCode: 0, warnings: [] });
  });

  test('show help for a command', async () => {
    const { output } = await run(['gateway', '-h']);
    expect(output).toMatch(/^Usage: mcp-runtime-conformance gateway \[options\][\s\S]+--fallback-when-down/);
  });
});

describe('invalid usage is one line and exit code 2', () => {
  test.each<[readonly string[], RegExp]>([
    [['--nope'], /^error: unknown option --nope/],
    [['matrx'], /^error: unexpected argument matrx: did you mean matrix\? options begin with --, /],
    [['proto'], /^error: use proto check --against REF\|FILE$/],
    [['proto', 'chek'], /^error: use proto check --against REF\|FILE, not proto chek$/],
    [['matrix', '--', 'x'], /^error: matrix takes no arguments after --$/],
    [['compare', 'a'], /^error: compare needs two reports, OLD\.json and NEW\.json; found 1$/],
    [['--case', 'handshke/*'], /^error: --case handshke\/\* matches nothing; did you mean handshake\/\*\?$/],
    [['--bail=yes'], /^error: --bail must be a whole number from 1 to 1000000, not yes$/],
    [['--no-color', 'matrix'], /^error: matrix is a command and must be the first word$/],
    [['--explain', 'a\u001b[2Jb'], /^error: --explain a\\x1b\[2Jb: no such case, clause or suite/],
    [
      ['--write-known-failures', 'a', '--report', 'json=a'],
      /^error: --write-known-failures and --report both write to a$/,
    ],
    [
      ['--report', 'json=/no-such-folder-as-this/'],
      /^error: cannot write .*: it is a folder, not a regular file$/,
    ],
    [['--case', 'health/okk'], /^error: --case health\/okk matches nothing; did you mean health\/ok\?$/],
    [['--capability', 'resumee'], /^error: --capability resumee: .+; did you mean resume\?$/],
    [['--explain', 'HELTH-1'], /^error: --explain HELTH-1: .+; did you mean HEALTH-1\?$/],
    [
      ['--fixtures', '/no/such'],
      /^error: \/no\/such\/cases:1:1 no such file or folder; a folder of fixtures needs a folder cases\/ with suites$/,
    ],
    [['--known-failures', '/no/such'], /^error: \/no\/such: there is no such file$/],
    [
      ['--report', 'json=/no/such/file'],
      /^error: cannot write \/no\/such\/file: the folder \/no\/such does not exist$/,
    ],
    [['--write-known-failures', '/no/such/file'], /^error: cannot write \/no\/such\/file: /],
    [['--command', 'a | b'], /^error: The command has \| at character 3 /],
    [['--command', 'x', '--env', '1=2'], /^error: .*is not a valid variable name/],
  ])('rejects %j', async (words, message) => {
    const { exitCode, warnings } = await run(words);
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(exitCode).toBe(2);
  });

  test('reports an invalid fixture with its line', async () => {
    const { exitCode, warnings } = await run([
      '--fixtures',
      await writeSuite(sampleSuite.replace('steps:', 'stesp:')),
    ]);
    expect(exitCode).toBe(2);
    expect(warnings[0]).toMatch(/^error: .*mine\.yaml:\d+:\d+ .*stesp/);
  });

  test('reports known failures of unknown cases', async () => {
    const file = join(folder, 'known.yaml');
    await writeFile(file, '- case: health/okk\n  reason: x\n');
    const { exitCode, warnings } = await run(['--known-failures', file]);
    expect(warnings).toEqual([`error: ${file}:1 unknown case health/okk; did you mean health/ok?`]);
    expect(exitCode).toBe(2);
  });
});

describe('a target that cannot be tested', () => {
  const ends = ['--command', `${process.execPath} -e process.exit(7)`.replace('(7)', '\\(7\\)')];

  test('is exit code 3 in every report', async () => {
    const json = join(folder, 'r.json');
    const junit = join(folder, 'r.xml');
    const summary = join(folder, 'summary.md');
    await writeFile(summary, 'before\n');
    const { exitCode, output, warnings } = await run(
      [...ends, '--report', `json=${json},junit=${junit}`, '--suite', 'health'],
      { environment: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary } },
    );
    expect(warnings).toEqual([]);
    expect(exitCode).toBe(3);
    expect(output).toContain('exit code 7');
    expect(output).toContain('\nthe target could not be tested\n');
    expect(output).toContain('\n::error title=the target could not be tested::');
    expect(JSON.parse(await readFile(json, 'utf8')).error.message).toContain('exit code 7');
    expect(await readFile(junit, 'utf8')).toContain('errors="1"');
    expect(await readFile(summary, 'utf8')).toMatch(/^before\n# MCP runtime conformance\n/);
  });

  test('reports an interruption that occurs before the run starts', async () => {
    const { exitCode, output } = await run(ends, { signal: AbortSignal.abort(new Error('interrupted')) });
    expect(exitCode).toBe(3);
    expect(output).toMatch(/was interrupted before the target was ready\.\n\ninterrupted\n$/);
  });
});

describe('explainError', () => {
  test('an internal error is one line without a stack trace', () => {
    expect(explainError(new TypeError('x is undefined\nmore'), {})).toBe(
      'internal error: x is undefined, please report it (MCP_CONFORMANCE_STACK=1 shows the stack trace)',
    );
  });

  test('an internal error includes its stack trace on request', () => {
    expect(explainError(new TypeError('x'), { MCP_CONFORMANCE_STACK: '1' })).toMatch(
      /^TypeError: x\n {4}at /,
    );
  });
});
