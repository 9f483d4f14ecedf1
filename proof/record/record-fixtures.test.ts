import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordFixtures } from './record-fixtures.ts';

test('writes only files with differing literals', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'record-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, 'cases'));
  const texts = ['a', 'b'].map(
    (suite) =>
      `suite: ${suite}\ncases:\n  - case: one\n    steps:\n      - invoke: { expect: { status: 1 } }\n`,
  );
  await writeFile(join(directory, 'cases', 'a.yaml'), texts[0] ?? '');
  await writeFile(join(directory, 'cases', 'b.yaml'), texts[1] ?? '');
  const observe = (caseId: string, status: number) => ({ caseId, stepPath: [0], observation: { status } });
  const recordings = await recordFixtures({
    directory,
    observed: [observe('a/one', 1), observe('b/one', 2)],
  });
  expect(recordings.map(({ path }) => path)).toEqual([join(directory, 'cases', 'b.yaml')]);
  expect(await readFile(join(directory, 'cases', 'b.yaml'), 'utf8')).toContain('expect: { status: 2 }');
});
