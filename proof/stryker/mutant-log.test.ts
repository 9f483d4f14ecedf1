import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MutantLog } from './mutant-log.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutant-log-'));
  path = join(folder, 'log');
});
afterEach(() => rm(folder, { recursive: true }));

const cases = (entries: Readonly<Record<string, string>>) => new Map(Object.entries(entries));
const detection = { by: 'a/one', summary: 'differs' };

async function writeLog(): Promise<void> {
  const log = await MutantLog.open(path, 'build', cases({ 'a/one': '1', 'a/two': '2' }));
  await log.keepCoverage({ casesOf: {}, hits: {}, reached: ['7'], failing: [] });
  await log.keep('7', detection);
  await log.keep('8', undefined);
}

describe('a log of mutants', () => {
  it('takes over the trials and the coverage of the same build', async () => {
    await writeLog();
    const log = await MutantLog.open(path, 'build', cases({ 'a/one': '1', 'a/three': '3' }));
    expect(log.find('7')).toMatchObject({ detection });
    expect(log.find('8')).toEqual({ detection: undefined, tried: new Set(['1', '2']) });
    expect(log.find('9')).toBeUndefined();
    expect(log.covered).toMatchObject({ coverage: { reached: ['7'] }, digests: new Set(['1', '2']) });
  });

  it('forgets a detection by a case that has changed', async () => {
    await writeLog();
    const log = await MutantLog.open(path, 'build', cases({ 'a/one': 'changed', 'a/two': '2' }));
    expect(log.find('7')).toBeUndefined();
  });

  it('keeps a detection without a case', async () => {
    const first = await MutantLog.open(path, 'build', cases({}));
    await first.keep('7', { by: 'hang', summary: 'hangs' });
    const log = await MutantLog.open(path, 'build', cases({}));
    expect(log.find('7')).toMatchObject({ detection: { by: 'hang' } });
  });

  it('empties the log of another build', async () => {
    await writeLog();
    const log = await MutantLog.open(path, 'other', cases({}));
    expect([log.find('7'), log.covered]).toEqual([undefined, undefined]);
    expect(await readFile(path, 'utf8')).not.toContain('"mutant"');
  });

  it('keeps nothing without a path', async () => {
    const log = await MutantLog.open(undefined, 'build', cases({}));
    await log.keep('7', undefined);
    expect(log.find('7')).toBeUndefined();
  });
});
