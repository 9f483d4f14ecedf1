import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { markedProcesses, markVariable, openDescriptors, residentBytes } from './process-table.ts';

test('a marked process is found with its memory and its descriptors, until it ends', async () => {
  const mark = randomUUID();
  const child = spawn(process.execPath, ['-e', "console.log('runs'); setInterval(() => {}, 1000)"], {
    env: { [markVariable]: mark },
  });
  const pid = child.pid ?? 0;
  await once(child.stdout, 'data');
  expect(markedProcesses(mark)).toEqual([{ pid, command: expect.stringContaining('setInterval') }]);
  expect(residentBytes(pid)).toBeGreaterThan(2 ** 20);
  expect(openDescriptors(pid)).toBeGreaterThan(2);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(markedProcesses(mark)).toEqual([]);
  expect(residentBytes(pid)).toBeUndefined();
});
