import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { compileFixtures, loadOwnFixtures } from './compiled.ts';
import { loadFixtures } from './load.ts';

test('the compiled fixtures equal the fixtures loaded from source', async () => {
  await compileFixtures();
  const fromSource = await loadFixtures({ directory: join(packageRoot(), 'fixtures') });
  expect(await loadOwnFixtures()).toEqual(fromSource);
});
