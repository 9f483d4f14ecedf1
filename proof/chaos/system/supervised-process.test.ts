import { expect, test } from 'vitest';
import { type Ending, type EndSignal, SupervisedProcess } from './supervised-process.ts';

/** A program that reports that it runs, and exits with 0 after SIGTERM. */
const serves =
  "process.on('SIGTERM', () => process.exit(0)); console.log('runs'); setInterval(() => {}, 1000)";

function supervise(program: string) {
  const ends: { ending: Ending; cause: EndSignal | undefined }[] = [];
  const lines: string[] = [];
  const runs = () => lines.filter((line) => line === 'runs').length;
  let accepted = 0;
  const supervised = new SupervisedProcess(
    {
      name: 'program',
      file: process.execPath,
      args: ['-e', program],
      environment: {},
      accepts: async () => {
        if (runs() <= accepted) return false;
        accepted = runs();
        return true;
      },
    },
    {
      ended: (_, ending, cause) => ends.push({ ending, cause }),
      late: (_, text) => lines.push(text),
      wrote: (_, line) => lines.push(line),
    },
  );
  return { supervised, ends, lines };
}

test('a killed process starts again, and its lives are counted', async () => {
  const { supervised, ends } = supervise(serves);
  await using _ = supervised;
  await supervised.start();
  const [pid, lives] = [supervised.pid, supervised.lives];
  await supervised.end('SIGKILL', 0);
  await supervised.ready();
  expect(supervised.pid).not.toBe(pid);
  expect(supervised.lives).toBeGreaterThan(lives);
  expect(supervised.pids.size).toBe(2);
  expect(ends).toEqual([{ ending: { code: null, signal: 'SIGKILL' }, cause: 'SIGKILL' }]);
});

test('a process that ends by itself is reported without a cause, and starts again', async () => {
  const { supervised, ends } = supervise("console.log('runs'); setTimeout(() => process.exit(7), 50)");
  await using _ = supervised;
  await supervised.start();
  await expect.poll(() => ends).toContainEqual({ ending: { code: 7, signal: null }, cause: undefined });
  await supervised.ready();
  expect(supervised.pids.size).toBeGreaterThan(1);
});

test('a process that may fail to start is not reported', async () => {
  const { supervised, ends } = supervise("console.log('runs'); process.exit(1)");
  supervised.mayFailToStart = true;
  await using _ = supervised;
  await supervised.start();
  await expect.poll(() => supervised.pids.size).toBeGreaterThan(1);
  expect(ends).toEqual([]);
});

test('disposing drains the process and does not start it again', async () => {
  const { supervised, ends } = supervise(serves);
  await supervised.start();
  await supervised[Symbol.asyncDispose]();
  expect(ends).toEqual([{ ending: { code: 0, signal: null }, cause: 'SIGTERM' }]);
  expect(supervised.pid).toBeUndefined();
});
