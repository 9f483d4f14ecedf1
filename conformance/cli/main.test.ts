import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';

// The built program. `npm test` builds it first.
const program = join(packageRoot(), 'dist', 'cli', 'main.js');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'main-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function start(
  words: readonly string[],
): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  const { GITHUB_ACTIONS: _, GITHUB_STEP_SUMMARY: __, FORCE_COLOR: ___, ...env } = process.env;
  return spawn(process.execPath, [program, ...words], {
    env,
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

test('runs one suite on the embedded runtime', { timeout: 60_000 }, async () => {
  const report = join(folder, 'report.json');
  const { code, stdout, stderr } = await run(['--suite', 'health', '--report', `json=${report}`]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/ {2}ok {4}health {4}(\d+) passed\n(.*\n)+\1 of \1 selected cases passed\n/);
  expect(code).toBe(0);
  const { verdict } = JSON.parse(await readFile(report, 'utf8'));
  expect(verdict).toMatchObject({ exitCode: 0, conformant: false });
});

test('prints a usage error to stderr on one line', async () => {
  expect(await run(['--levle', 'core'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: unknown option --levle; did you mean --level?\n',
  });
});

test('keeps running if stdout closes early', { timeout: 60_000 }, async () => {
  const child = start(['--list']);
  (child.stdout as NodeJS.ReadableStream & { destroy(): void }).destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends the run cleanly on %s', { timeout: 60_000 }, async (signal, exitCode) => {
  const report = join(folder, 'report.json');
  const target = `${process.execPath} -e 'console.error("up"); setInterval(() => {}, 1000)'`;
  const child = start(['--command', target, '--report', `json=${report}`, '--ready-timeout', '50']);
  // The header appears just before the target starts.
  await once(child.stdout, 'data');
  child.kill(signal);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/\ninterrupted\n$/);
  expect(code).toBe(exitCode);
  expect(JSON.parse(await readFile(report, 'utf8')).error.code).toBe('interrupted');
});
