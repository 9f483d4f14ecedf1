import { expect, it } from 'vitest';
import { runnerError } from '../testing/target.ts';
import { checkLimits, describeMemory, limitsOf } from './limits.ts';

const supports = { memory: true, 'pids-limit': true, cpus: true };
const machine = (memoryBytes: number, processors: number) => ({
  machine: { memoryBytes, processors, supports },
});
const gibibyte = 1024 ** 3;

it('leaves most of the machine to others by default', () => {
  expect(limitsOf({}, machine(6 * gibibyte, 4))).toEqual({
    memoryBytes: 1.5 * gibibyte,
    pids: 1024,
    cpus: 3.5,
  });
  expect(limitsOf({}, machine(64 * gibibyte, 2))).toMatchObject({ memoryBytes: 2 * gibibyte, cpus: 1.5 });
  expect(limitsOf({}, machine(gibibyte, 1))).toMatchObject({ memoryBytes: gibibyte / 2, cpus: undefined });
});

it('reads limits as docker does', () => {
  const options = { memory: '1.5G', pidsLimit: '200', cpus: '.5' };
  expect(limitsOf(options, machine(gibibyte, 2))).toEqual({
    memoryBytes: 1.5 * gibibyte,
    pids: 200,
    cpus: 0.5,
  });
  const none = { memory: 'unlimited', pidsLimit: 'unlimited', cpus: 'unlimited' };
  expect(limitsOf(none, machine(gibibyte, 2))).toEqual({
    memoryBytes: undefined,
    pids: undefined,
    cpus: undefined,
  });
});

it.each([
  [{ memory: '5m' }, '--memory 5m is not an amount of memory of at least 6m.'],
  [{ memory: 'much' }, '--memory much is not an amount of memory of at least 6m.'],
  [{ pidsLimit: '0' }, '--pids-limit 0 is not a number of processes.'],
  [{ pidsLimit: '1.5' }, '--pids-limit 1.5 is not a number of processes.'],
  [{ cpus: '0' }, '--cpus 0 is not a number of processors.'],
  [{ cpus: 'two' }, '--cpus two is not a number of processors.'],
])('rejects %j', async (options, message) => {
  expect(await runnerError(() => checkLimits(options))).toMatchObject({ code: 'bad-option', message });
});

it('omits a default limit that the daemon does not support, and rejects a given one', async () => {
  const none = { memory: false, 'pids-limit': false, cpus: false };
  const docker = { machine: { memoryBytes: gibibyte, processors: 2, supports: none } };
  expect(limitsOf({}, docker)).toEqual({ memoryBytes: undefined, pids: undefined, cpus: undefined });
  expect(await runnerError(() => limitsOf({ memory: '64m' }, docker))).toMatchObject({
    code: 'unsupported',
    message: '--memory 64m: this Docker daemon cannot limit it.',
  });
});

it('formats amounts of memory', () => {
  expect([64 * 1024 ** 2, 1.5 * gibibyte].map(describeMemory)).toEqual(['64 MiB', '1.5 GiB']);
});
