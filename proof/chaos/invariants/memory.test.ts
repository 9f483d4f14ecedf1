import { expect, test } from 'vitest';
import { Ledger } from './ledger.ts';
import { MemoryRecord } from './memory.ts';

const mebibyte = 2 ** 20;
const limits = { peak: 200 * mebibyte, after: 100 * mebibyte };

function start() {
  const ledger = new Ledger();
  const examples = () => ledger.results().find(({ name }) => name === 'memory')?.examples;
  return { memory: new MemoryRecord(ledger), examples };
}

test('the highest memory and the memory after the load are kept', () => {
  const { memory, examples } = start();
  for (const size of [50, 150, 80]) memory.sample({ name: 'gateway 1', limits, bytes: size * mebibyte });
  memory.settled({ name: 'gateway 1', limits, bytes: 90 * mebibyte });
  const use = { name: 'gateway 1', limits, peak: 150 * mebibyte, after: 90 * mebibyte };
  expect(memory.uses()).toEqual([use]);
  expect(examples()).toEqual([]);
});

test('each limit is checked', () => {
  const { memory, examples } = start();
  memory.sample({ name: 'gateway 1', limits, bytes: 201 * mebibyte });
  memory.settled({ name: 'gateway 1', limits, bytes: 101 * mebibyte });
  expect(examples()).toEqual([
    expect.stringContaining('gateway 1 uses 201 MiB of memory; the limit is 200 MiB'),
    expect.stringContaining('after the load, gateway 1 uses 101 MiB of memory; the limit is 100 MiB'),
  ]);
});
