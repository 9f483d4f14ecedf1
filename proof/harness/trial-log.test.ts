import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trial } from './subject.ts';
import { identifyBuild, TrialLog } from './trial-log.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trial-log-'));
});
afterAll(() => rm(folder, { recursive: true }));

const trial: Trial = {
  fault: { name: 'deaf', clause: 'RPC-1', about: 'Hears nothing', expects: 'caught' },
  failed: [],
  passed: 1,
  skipped: 0,
  wholeSuite: true,
  durationMs: 1,
};

describe('TrialLog', () => {
  it('keeps trials of the same build, even if the last line is incomplete', async () => {
    const path = join(folder, 'same');
    await (await TrialLog.open(path, 'build')).add(trial);
    await appendFile(path, '{"fault":');
    const log = await TrialLog.open(path, 'build');
    expect(log.find('deaf', true)).toEqual(trial);
    expect(log.find('deaf', false)).toBeUndefined();
  });

  it('drops trials of another build', async () => {
    const path = join(folder, 'other');
    await (await TrialLog.open(path, 'build')).add(trial);
    await TrialLog.open(path, 'another');
    expect((await TrialLog.open(path, 'another')).find('deaf', true)).toBeUndefined();
  });
});

it('identifyBuild depends on the compiled code', async () => {
  const build = join(folder, 'dist');
  await mkdir(build);
  await writeFile(join(build, 'main.js'), 'one');
  const before = await identifyBuild(build);
  expect(await identifyBuild(build)).toBe(before);
  await writeFile(join(build, 'main.js'), 'two');
  expect(await identifyBuild(build)).not.toBe(before);
});
