import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runWords } from './testing/run-words.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deliver-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs one case, and returns the outcome with the opened paths. */
async function run(words: readonly string[], { failing = '' } = {}) {
  const opened: string[] = [];
  const outcome = await runWords(['--case', 'health/ok', ...words], {
    openFile: async (path) => {
      if (failing !== '') throw new Error(failing);
      opened.push(path);
    },
    temporaryPage: async () => join(folder, 'temporary.html'),
  });
  return { ...outcome, opened };
}

describe('the html report', () => {
  test('is named in the last line', async () => {
    const page = join(folder, 'page.html');
    const { output, opened, exitCode } = await run(['--report', `html=${page}`]);
    expect(output.endsWith(`\nreport ${page}\n`)).toBe(true);
    expect({ opened, exitCode }).toEqual({ opened: [], exitCode: 0 });
  });

  test('opens on request', async () => {
    const page = join(folder, 'page.html');
    expect(await run(['--report', `html=${page}`, '--open'])).toMatchObject({ opened: [page], exitCode: 0 });
  });

  test('is a temporary file if it only opens', async () => {
    const page = join(folder, 'temporary.html');
    const { output, opened } = await run(['--open']);
    expect(output.endsWith(`\nreport ${page}\n`)).toBe(true);
    expect(opened).toEqual([page]);
    expect(await readdir(folder)).toEqual(['temporary.html']);
  });

  test('that cannot be opened causes a warning and no failure', async () => {
    expect(await run(['--open'], { failing: 'no display' })).toMatchObject({
      exitCode: 0,
      warnings: ['--open: no display'],
    });
  });

  test('is not opened if it cannot be written', async () => {
    const { opened, warnings } = await run(['--open', '--report', 'html=/dev/full']);
    expect(opened).toEqual([]);
    expect(warnings).toEqual(['error: cannot write /dev/full: it is a device, not a regular file']);
  });
});

test('a quiet green run is one line', async () => {
  const { output, exitCode } = await run(['--quiet']);
  expect(output).toBe('1 of 1 selected cases passed\n');
  expect(exitCode).toBe(0);
});

test('a run cannot be both quiet and verbose', async () => {
  expect(await run(['--quiet', '--verbose'])).toMatchObject({
    exitCode: 2,
    warnings: ['error: --verbose and --quiet exclude each other'],
  });
});
