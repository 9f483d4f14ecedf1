import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { idleTarget, runnerError, unaborted, untilLogged } from '../testing/target.ts';
import { createEmbeddedRunner } from './runner.ts';

it('explains how to build a missing runtime', async () => {
  const error = await runnerError(() => createEmbeddedRunner({ entry: '/nonexistent/main.js' }));
  expect(error).toMatchObject({ code: 'not-started', advice: 'Run: npm run build' });
});

it('passes the catalog and other variables to the runtime', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'target-'));
  try {
    const entry = join(folder, 'main.cjs');
    await writeFile(entry, `${idleTarget} console.log(process.env.MCP_RUNTIME_CATALOG, process.env.MORE);`);
    await using runner = createEmbeddedRunner({ entry, catalog: 'empty', environment: { MORE: 'yes' } });
    expect(runner).toMatchObject({ kind: 'embedded', label: 'embedded reference runtime, empty catalog' });
    const instance = await runner.launch(unaborted());
    await expect(untilLogged(instance, 'yes')).resolves.toBe('empty yes');
  } finally {
    await rm(folder, { recursive: true });
  }
});
