import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RefusalRecord } from '../../../gateway/index.ts';
import { openAuditLog } from './audit-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
});
afterAll(() => rm(folder, { recursive: true }));

const record: RefusalRecord = {
  time: '2026-01-01T00:00:00.000Z',
  caller: 'ann\nbob',
  peer: null,
  origin: null,
  method: 'POST',
  path: '/mcp',
  status: 401,
  reason: 'authentication_failed',
};

async function linesOf(path: string): Promise<readonly RefusalRecord[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

test('appends one line for each record, which only the user can read', async () => {
  const path = join(folder, 'a.log');
  for (const status of [401, 403]) {
    await using log = await openAuditLog(path, expect.unreachable);
    log.write({ ...record, status });
  }
  expect(await linesOf(path)).toEqual([record, { ...record, status: 403 }]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('counts records that it drops because the disk is slow', async () => {
  const path = join(folder, 'b.log');
  const log = await openAuditLog(path, expect.unreachable);
  // Nothing is written before the loop ends.
  for (let count = 0; count < 20_000; count++) log.write(record);
  await expect.poll(async () => (await stat(path)).size).toBeGreaterThan(1024 * 1024);
  await expect
    .poll(async () => {
      log.write(record);
      return (await linesOf(path).catch(() => [])).some((line) => 'dropped' in line);
    })
    .toBe(true);
  await log[Symbol.asyncDispose]();
  const all = await linesOf(path);
  expect(all.length).toBeLessThan(20_000);
});

test('reports a file that cannot be opened', async () => {
  await expect(openAuditLog(join(folder, 'no', 'such'), expect.unreachable)).rejects.toThrow(
    /^--audit-log .*such: /,
  );
});
