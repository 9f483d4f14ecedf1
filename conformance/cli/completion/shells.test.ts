import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import type { Shell } from './completion-options.ts';
import { scripts } from './scripts.ts';

// The built program. `npm test` builds it first.
const program = join(packageRoot(), 'dist', 'cli', 'main.js');
const kit = 'mcp-runtime-conformance';
const timeout = { timeout: 60_000 };

let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'shells-')));
  const bin = join(folder, 'bin');
  const files: Readonly<Record<string, string>> = {
    // Completes like the kit, and prints its arguments instead of running.
    [kit]: `[ "$1 $2" = "completion candidates" ] && exec "${process.execPath}" "${program}" "$@"
printf 'GOT:'; printf '[%s]' "$@"; echo`,
    npx: '[ "$1" = --no-install ] && shift\nexec "$@"',
    docker: 'echo my-runtime:latest',
  };
  await mkdir(bin);
  await mkdir(join(folder, 'my-folder'));
  await writeFile(join(folder, 'report.json'), '');
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
  for (const [shell, text] of Object.entries(scripts)) await writeFile(join(folder, shell), text);
  const { PATH = '' } = process.env;
  environment = { PATH: `${bin}:${PATH}`, HOME: folder, TERM: 'dumb', LC_ALL: 'C' };
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Defines tests that need programs. Without them, the tests are skipped, or fail if REQUIRE_SHELLS=1. */
function describeWith(programs: readonly string[], name: string, tests: () => void): void {
  const missing = programs.filter((each) => spawnSync('which', [each]).status !== 0);
  if (missing.length === 0 || process.env['REQUIRE_SHELLS'] === '1') describe(name, tests);
  else describe.skip(`${name} (skipped: the shell is not installed: ${missing.join(', ')})`, tests);
}

/** Lines to type, where | is the tab key, and the arguments that the program then receives. */
const typed: readonly (readonly [line: string, args: string])[] = [
  [`${kit} mat|`, '[matrix]'],
  [`${kit} --lev|co|`, '[--level][core]'],
  [`${kit} --level=co|`, '[--level=core]'],
  [`${kit} --case mcp-ping/emp|`, '[--case][mcp-ping/empty-result]'],
  [`${kit} --report json=rep|`, '[--report][json=report.json]'],
  [`${kit} --image my-runtime:la|`, '[--image][my-runtime:latest]'],
  [`${kit} compare rep|`, '[compare][report.json]'],
  [`npx ${kit} mat|`, '[matrix]'],
];

/** Types lines into an interactive shell on a pseudo terminal, and returns the output of the program for each. */
async function typeInto(words: string, setup: string): Promise<readonly string[]> {
  const shell = spawn('script', ['-qec', words, '/dev/null'], { cwd: folder, env: environment });
  let output = '';
  let wake: () => void = () => {};
  shell.stdout.on('data', (data: Buffer) => {
    output += data.toString('utf8');
    wake();
  });
  const until = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const match = pattern.exec(output);
      if (match !== null) {
        output = output.slice(match.index + match[0].length);
        return match[1] ?? '';
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  try {
    shell.stdin.write(`${setup}\necho SET''UP\n`);
    await until(/SETUP\r?\n/);
    const results: string[] = [];
    for (const [line] of typed) {
      shell.stdin.write(`${line.replaceAll('|', '\t')}\r`);
      results.push(await until(/GOT:([^\r\n]*)\r?\n/));
    }
    return results;
  } finally {
    shell.kill('SIGHUP');
  }
}

const expected = typed.map(([, args]) => args);

describeWith(['bash', 'script'], 'bash', () => {
  test('completes what is typed', timeout, async () => {
    const words = 'bash --norc --noprofile -i';
    expect(await typeInto(words, 'source ./bash')).toEqual(expected);
  });
});

describeWith(['zsh', 'script'], 'zsh', () => {
  test('completes what is typed', timeout, async () => {
    expect(await typeInto('zsh -f -i', 'source ./zsh')).toEqual(expected);
  });
});

describeWith(['fish'], 'fish', () => {
  const candidates = async (line: string) => {
    const words = ['--no-config', '--command', `source fish; complete --do-complete '${line}'`];
    const { stdout } = await promisify(execFile)('fish', words, { cwd: folder, env: environment });
    return stdout.split('\n').map((each) => each.split('\t')[0]);
  };

  test('completes what is typed', timeout, async () => {
    for (const [line, args] of typed) {
      // Only the word at the cursor is completed.
      const start = line.replace(`${kit} --lev|co|`, `${kit} --level co|`).replaceAll('|', '');
      const last = /\[([^\]]*)\]$/.exec(args)?.[1];
      expect(await candidates(start)).toContain(last);
    }
    expect(await candidates(`${kit} --fixtures my`)).toContain('my-folder/');
  });
});

test.each(['bash', 'zsh', 'fish'] satisfies Shell[])('the script for %s is printed', async (shell) => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'completion', shell]);
  expect(stdout).toBe(scripts[shell]);
});
