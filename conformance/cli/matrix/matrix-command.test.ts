import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';

// The built program. `npm test` builds it first.
const program = join(packageRoot(), 'dist', 'cli', 'main.js');
const faultyRuntime = join(packageRoot(), 'dist', 'proof', 'harness', 'faulty-runtime.js');
const timeout = { timeout: 60_000 };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matrix-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function start(
  words: readonly string[],
): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  const { GITHUB_ACTIONS: _, GITHUB_STEP_SUMMARY: __, FORCE_COLOR: ___, ...env } = process.env;
  return spawn(process.execPath, [program, 'matrix', ...words], {
    cwd: folder,
    env: { ...env, MCP_RUNTIME_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
}

async function run(
  words: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(words);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}

const command = (script: string): string => `command:${process.execPath} -e '${script}'`;
const faulty = (name: string): string => `command:${process.execPath} ${faultyRuntime} ${name}`;

test('is green if all implementations are conformant', timeout, async () => {
  const { code, stdout, stderr } = await run([
    ...['--target', 'one=embedded', '--target', `two=${faulty('none')}`, '--suite', 'health'],
  ]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^mcp-runtime-conformance \S+ · matrix of 2 implementations, \d cases, level strict\n/,
  );
  expect(stdout).toMatch(/\n {2}HEALTH +(\d) +\1\n/);
  expect(stdout).toMatch(/\n2 of 2 implementations pass the selected cases: \d cases, \d+ clauses\n/);
  expect(code).toBe(0);
});

test(
  'shows a differing implementation next to the others, and is not green if one does not start',
  timeout,
  async () => {
    const json = join(folder, 'matrix.json');
    await writeFile(
      join(folder, 'mcp-runtime-conformance.yaml'),
      `targets:
  well: { embedded: conformance }
  other: { command: "${process.execPath} ${faultyRuntime} any-path", env: { MCP_RUNTIME_LOG_LEVEL: silent } }
  gone: { command: /no/such/program }
`,
    );
    const { code, stdout, stderr } = await run(['--case', 'calls/unknown-path', '--report', `json=${json}`]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\n {2}calls\/unknown-path +RPC-6 +legacy +passed +failed +not tested\n/);
    expect(stdout).toMatch(/\n {2}\/status +404 +as expected +200\n/);
    expect(stdout).toMatch(
      /\n {4}well +← MESSAGE McpResponse 404 .*\n +← TRAILERS .*\n {4}other +← MESSAGE /,
    );
    expect(stdout).toContain('gone could not be tested');
    expect(code).toBe(1);
    const document = JSON.parse(await readFile(json, 'utf8'));
    expect(document.verdict).toMatchObject({ green: ['well'], red: ['other'], undecided: ['gone'] });
    expect(document.disagreements.map((row: { case: string }) => row.case)).toEqual(['calls/unknown-path']);
  },
);

test('applies known failures to one implementation', timeout, async () => {
  const known = join(folder, 'known.yaml');
  await writeFile(known, '- case: calls/unknown-path\n  reason: a test\n');
  const { code, stdout } = await run([
    ...['--target', 'one=embedded', '--target', `two=${faulty('any-path')}`],
    ...['--case', 'calls/unknown-path', '--known-failures', `two=${known}`],
  ]);
  expect(stdout).toContain('2 of 2 implementations pass the selected cases except for 1 known failure');
  expect(code).toBe(0);
});

test('has no verdict if no target becomes ready', timeout, async () => {
  const { code, stdout } = await run(['--target', `a=${command('process.exit(7)')}`, '--suite', 'health']);
  expect(stdout).toContain('exit code 7');
  expect(stdout).toContain('no verdict on a; 0 of 1 implementations');
  expect(code).toBe(3);
});

describe('reports invalid usage before any target starts', () => {
  test.each<[readonly string[], string]>([
    [[], 'error: no targets: specify at least one with --target NAME=KIND:VALUE, such as '],
    [['--target', 'a'], 'error: --target a: no configured target has this name; write a=image:'],
    [
      ['--target', 'a=embedded', '--target', 'a=embedded'],
      'error: --target a: this name is used twice; give each target its own name',
    ],
    [['--target', 'a=command:x | y'], 'error: target a: The command has | at character 3'],
    [['--tarrget', 'a=embedded'], 'error: unknown option --tarrget; did you mean --target?'],
    [
      ['--target', 'a=embedded', '--known-failures', 'b=x'],
      'error: --known-failures b=x: unknown target b; ',
    ],
    [
      ['--target', 'a=embedded', '--capability', 'resum'],
      'error: --capability resum: no case checks that capability; did you mean resume?',
    ],
    [['--target', 'a=embedded', 'b'], 'error: unexpected argument'],
    [['--config', 'none.yaml'], 'error: none.yaml:1:1 there is no such file'],
  ])('rejects %j', timeout, async (words, message) => {
    const { code, stdout, stderr } = await run(words);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

test('ends all targets on interruption and reports the results so far', timeout, async () => {
  const pids = ['a', 'b'].map((name) => join(folder, name));
  const script = (file: string): string =>
    command(`require("fs").writeFileSync("${file}", String(process.pid)); setInterval(() => {}, 1000)`);
  const child = start([
    ...pids.flatMap((file, index) => ['--target', `t${index}=${script(file)}`]),
    ...['--together', '2', '--ready-timeout', '50'],
  ]);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const running = await Promise.all(pids.map(pidIn));
  child.kill('SIGINT');
  const [[stdout, stderr], [code]] = await Promise.all([output, once(child, 'exit')]);
  expect(stderr).toBe('');
  expect(stdout).toContain('The run was interrupted before the target was ready.');
  expect(stdout).toContain('no verdict on t0, t1; 0 of 2 implementations');
  expect(code).toBe(130);
  expect(running.filter(isAlive)).toEqual([]);
});

/** Waits until the target has written its process id. */
async function pidIn(file: string): Promise<number> {
  return expect
    .poll(async () => Number(await readFile(file, 'utf8').catch(() => '')), { timeout: 30_000 })
    .toBeGreaterThan(0)
    .then(async () => Number(await readFile(file, 'utf8')));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
