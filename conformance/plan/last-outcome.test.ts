import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CaseOutcome, CaseResult } from '../engine/result.ts';
import { dataCase } from '../testing/data-case.ts';
import { LastOutcomes, outcomeFolder } from './last-outcome.ts';

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'outcome-'));
  folder = join(root, 'cache', 'last');
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const target = { words: ['--command', './runtime'], folder: '/work' };
const failure = { summary: 'no', differences: [], clauses: [] };
const outcomes: Readonly<Record<CaseOutcome['kind'], CaseOutcome>> = {
  passed: { kind: 'passed' },
  failed: { kind: 'failed', failure },
  blocked: { kind: 'blocked', failure, by: { case: 'suite/other', clause: 'RPC-1' } },
  broken: { kind: 'broken', reason: 'x' },
  skipped: { kind: 'skipped', reason: 'x' },
  'not-declared': { kind: 'not-declared', capability: 'resume' },
  'not-run': { kind: 'not-run', reason: 'x' },
};

function run(kinds: Readonly<Record<string, CaseOutcome['kind']>>): { readonly results: CaseResult[] } {
  const results = Object.entries(kinds).map(([name, kind]): CaseResult => {
    const head = dataCase(name, []);
    return { case: head, outcome: outcomes[kind], startedAt: 0, durationMs: 0, wire: [], logs: [] };
  });
  return { results };
}

const ids = (...names: readonly string[]) => new Set(names.map((name) => `suite/${name}`));

describe('the last outcome', () => {
  test('is unknown before the first run', async () => {
    expect(await new LastOutcomes(folder).failed(target)).toBeUndefined();
  });

  test('contains the cases that failed, were blocked or were broken', async () => {
    const outcome = new LastOutcomes(folder);
    const kinds = Object.keys(outcomes) as CaseOutcome['kind'][];
    await outcome.remember(target, run(Object.fromEntries(kinds.map((kind) => [kind, kind]))));
    expect(await new LastOutcomes(folder).failed(target)).toEqual(ids('failed', 'blocked', 'broken'));
  });

  test('keeps the outcome of a case that a later run did not select or run', async () => {
    const outcome = new LastOutcomes(folder);
    await outcome.remember(target, run({ a: 'failed', b: 'failed', c: 'failed', d: 'passed' }));
    await outcome.remember(target, run({ a: 'passed', b: 'not-run', d: 'blocked' }));
    expect(await outcome.failed(target)).toEqual(ids('b', 'c', 'd'));
  });

  test('is empty after a run in which every case passed', async () => {
    const outcome = new LastOutcomes(folder);
    await outcome.remember(target, run({ a: 'passed' }));
    expect(await outcome.failed(target)).toEqual(new Set());
  });

  test('belongs to a target and a working folder', async () => {
    const outcome = new LastOutcomes(folder);
    await outcome.remember(target, run({ a: 'failed' }));
    expect(await outcome.failed({ ...target, folder: '/other' })).toBeUndefined();
    expect(await outcome.failed({ ...target, words: ['--command', './other'] })).toBeUndefined();
  });

  test.each(['', '{', '[]', 'null', '{"version":2,"failed":["a"]}', '{"version":1,"failed":1}'])(
    'is unknown if its file contains %j, and the next run replaces the file',
    async (content) => {
      const outcome = new LastOutcomes(folder);
      await outcome.remember(target, run({ a: 'failed' }));
      const [name = ''] = await readdir(folder);
      await writeFile(join(folder, name), content);
      expect(await outcome.failed(target)).toBeUndefined();
      await outcome.remember(target, run({ b: 'failed' }));
      expect(await outcome.failed(target)).toEqual(ids('b'));
      expect(await readdir(folder)).toEqual([name]);
    },
  );

  test('is not remembered if the folder cannot be used', async () => {
    await mkdir(join(root, 'cache'));
    await writeFile(folder, 'a file');
    for (const unusable of [folder, undefined]) {
      const outcome = new LastOutcomes(unusable);
      await outcome.remember(target, run({ a: 'failed' }));
      expect(await outcome.failed(target)).toBeUndefined();
    }
  });

  test('is removed after 30 days', async () => {
    const outcome = new LastOutcomes(folder);
    await outcome.remember(target, run({ a: 'failed' }));
    const [name = ''] = await readdir(folder);
    const old = new Date(Date.now() - 31 * 86_400_000);
    await utimes(join(folder, name), old, old);
    const other = { ...target, folder: '/other' };
    await outcome.remember(other, run({ a: 'failed' }));
    expect(await outcome.failed(target)).toBeUndefined();
    expect(await outcome.failed(other)).toEqual(ids('a'));
  });
});

test.each([
  [{ XDG_CACHE_HOME: '/cache', HOME: '/home/a' }, 'linux', '/cache'],
  [{ XDG_CACHE_HOME: 'cache', HOME: '/home/a' }, 'linux', '/home/a/.cache'],
  [{ HOME: '/home/a' }, 'linux', '/home/a/.cache'],
  [{ HOME: '/Users/a' }, 'darwin', '/Users/a/Library/Caches'],
])('the folder with %j on %s is in %s', (environment, platform, cache) => {
  expect(outcomeFolder(environment, platform)).toBe(join(cache, 'mcp-runtime-conformance', 'last-outcome'));
});

test('there is no folder without a home', () => {
  expect(outcomeFolder({}, 'linux')).toBeUndefined();
});
