import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { isAlive, until } from '../../runners/testing/process.ts';

// The built program. `npm test` builds it first.
const program = join(packageRoot(), 'dist', 'cli', 'main.js');
const { GITHUB_ACTIONS: _, GITHUB_STEP_SUMMARY: __, FORCE_COLOR: ___, ...environment } = process.env;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'robust-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running kit. Its temporary files are in a folder of their own. */
async function start(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const temporary = join(folder, 't');
  await mkdir(temporary, { recursive: true });
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...environment, ...env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([
    text(child.stdout),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit'),
  ]).then(([stdout, stderr, [code, signal]]): Ended => ({ code, signal, stdout, stderr }));
  return { child, ended, temporary };
}

async function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return (await start(words, env)).ended;
}

const node = (source: string) => `${process.execPath} -e '${source}'`;
const idle = node('console.log(1); setInterval(() => {}, 1000)');

describe('reports', { timeout: 60_000 }, () => {
  test('are refused on anything but a regular file, before the run', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await writeFile(join(folder, 'precious'), 'precious');
    await symlink('precious', join(folder, 'link'));
    for (const [path, kind] of [
      ['pipe', 'a named pipe'],
      ['link', 'a symbolic link'],
      ['/dev/null', 'a device'],
      ['t', 'a folder'],
    ]) {
      expect(await run(['--suite', 'health', '--report', `json=${path}`])).toEqual({
        code: 2,
        signal: null,
        stdout: '',
        stderr: `error: cannot write ${path}: it is ${kind}, not a regular file\n`,
      });
    }
    expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('precious');
  });

  test('do not hang if the step summary is a pipe', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const { code, stderr } = await run(['--suite', 'health'], { GITHUB_STEP_SUMMARY: pipe });
    expect(stderr).toContain(`step summary: cannot write ${pipe}: it is a named pipe`);
    expect(code).toBe(0);
  });
});

describe('standard output', { timeout: 60_000 }, () => {
  test.skipIf(!existsSync('/dev/full'))('that is full is an error', async () => {
    const full = openSync('/dev/full', constants.O_WRONLY);
    try {
      const child = spawn(process.execPath, [program, '--list'], { stdio: ['ignore', full, 'pipe'] });
      const [stderr, [code]] = await Promise.all([
        text(child.stderr as NodeJS.ReadableStream),
        once(child, 'exit'),
      ]);
      expect(stderr).toBe('error: cannot write to standard output: no space left\n');
      expect(code).toBe(2);
    } finally {
      closeSync(full);
    }
  });

  test('that is closed early is not an error', async () => {
    const words = `'${process.execPath}' '${program}' --list 2>&1 >&3 | cat; exit "\${PIPESTATUS[0]}"`;
    const script = `exec 3> >(head -n 1 >/dev/null); ${words}`;
    const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(output).toBe('');
    expect(code).toBe(0);
  });
});

test('too few file descriptors are reported on one line', { timeout: 60_000 }, async () => {
  const script = `ulimit -n 64; exec '${process.execPath}' '${program}' --suite health --suite limits`;
  const child = spawn('bash', ['-c', script], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [code]] = await Promise.all([
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit'),
  ]);
  expect(stderr).toMatch(/^error: .*too many open files.*ulimit -n.*\n$/);
  expect(code).toBe(3);
});

test('the program of --command does not inherit the secrets of a CI job', { timeout: 60_000 }, async () => {
  const secrets = { GITHUB_TOKEN: 's1', NPM_TOKEN: 's2', MY_KEY: 's3' };
  const tell = node('console.error(Object.keys(process.env).sort().join()); process.exit(1)');
  const { stdout } = await run(['--command', tell], secrets);
  expect(stdout).toContain('MCP_RUNTIME_GRPC_UDS');
  expect(stdout).not.toMatch(/GITHUB_TOKEN|NPM_TOKEN|MY_KEY/);
  const more = await run(['--command', tell, '--env-inherit', 'MY_*', '--env', 'NPM_TOKEN'], secrets);
  expect(more.stdout).toMatch(/MY_KEY.*NPM_TOKEN/);
  expect(more.stdout).not.toContain('GITHUB_TOKEN');
  expect((await run(['--command', tell, '--env-inherit'], secrets)).stdout).toContain('GITHUB_TOKEN');
});

describe('a pattern that backtracks', { timeout: 90_000 }, () => {
  beforeEach(async () => {
    await mkdir(join(folder, 'cases'));
    await writeFile(
      join(folder, 'cases', 'slow.yaml'),
      `suite: slow
about: A suite with a slow pattern.
cases:
  - case: pattern
    title: The pattern is matched
    clauses: [RPC-1]
    steps:
      - check: { value: "${'a'.repeat(60)}b", expect: { $regex: '^(a+)+$' } }
`,
    );
  });

  test('fails its case, which names the pattern and the line', async () => {
    const { code, stdout } = await run(['--fixtures', '.', '--timeout', '2']);
    expect(stdout).toContain('matching /^(a+)+$/ took more than 0.5 s');
    expect(stdout).toContain('slow.yaml:8');
    expect(code).toBe(1);
  });
});

describe('signals', { timeout: 60_000 }, () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends a run whose target never becomes ready, and cleans up', async (signal, exitCode) => {
    const { child, ended, temporary } = await start(['--command', idle]);
    await until(() => existsSync(temporary) && readdirSync(temporary).length > 0);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: exitCode, signal: null });
    expect(await readdir(temporary)).toEqual([]);
  });

  const module = join(packageRoot(), 'proto');
  const release = join(module, 'releases', '1.0.txtpb');
  const named = ['--target', `a=command:${idle}`];

  test.each([
    ['matrix', ['matrix', ...named], 143],
    ['proto check', ['proto', 'check', '--proto', module, '--against', release, ...named], 143],
    // These commands run until a signal ends them.
    ['gateway', ['gateway', '--listen', '127.0.0.1:0', '--command', idle], 0],
    ['serve', ['serve', '--socket', 'runtime.sock', '--stdio', idle], 0],
  ])('SIGTERM ends %s, and cleans up', async (_, words, exitCode) => {
    const { child, ended, temporary } = await start(words);
    // The folder of a socket, or the socket itself, shows that the target starts.
    await until(() => readdirSync(temporary).length > 0 || existsSync(join(folder, 'runtime.sock')));
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: exitCode, signal: null });
    expect(await readdir(temporary)).toEqual([]);
    expect(existsSync(join(folder, 'runtime.sock'))).toBe(false);
  });

  test('a second one ends the kit immediately, even while it opens a pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const { child, ended } = await start(['matrix', '--config', 'pipe']);
    await until(() => opensPipe(child.pid ?? 0));
    const started = performance.now();
    await until(() => !child.kill('SIGTERM') || !isAlive(child.pid ?? 0));
    expect(performance.now() - started).toBeLessThan(5_000);
    // Shells report a process that ended by SIGTERM with exit code 143.
    expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});

/** Returns whether a thread of a process waits for the other end of a named pipe. */
function opensPipe(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => {
      const waits = readFileSync(`/proc/${pid}/task/${thread}/wchan`, 'utf8');
      return waits.startsWith('wait_for_partner');
    });
  } catch {
    return false;
  }
}
