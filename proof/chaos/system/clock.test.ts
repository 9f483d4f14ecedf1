import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { Clock, clocksAreFixed, removeClockMemory } from './clock.ts';

const hourMs = 3_600_000;
/** Writes how far the wall clock and the monotonic clock have moved since the start. */
const program = `
  const start = [Date.now(), performance.now()];
  setInterval(() => console.log(Date.now() - start[0], performance.now() - start[1]), 50);
`;

test('the wall clock of a process jumps, and its monotonic clock does not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clock-'));
  const clock = new Clock(folder, 'program');
  const child = spawn(process.execPath, ['-e', program], { env: clock.environment });
  try {
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    clock.set(-hourMs / 1_000);
    const jumps = clocksAreFixed() === undefined;
    for await (const line of lines) {
      const [wallMs = 0, monotonicMs = 0] = line.split(' ').map(Number);
      expect(monotonicMs).toBeGreaterThan(0);
      // Without the library, the process sees the clock of the machine.
      if (jumps ? wallMs < -hourMs / 2 : wallMs > 1_000) break;
    }
  } finally {
    child.kill();
    await once(child, 'close');
    removeClockMemory(new Set([child.pid ?? 0]));
    await rm(folder, { recursive: true });
  }
});
