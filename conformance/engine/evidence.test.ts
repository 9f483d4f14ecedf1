import { expect, test } from 'vitest';
import type { Step } from '../case/case.ts';
import { EvidenceLog } from './evidence.ts';

function step(line: number): Step {
  return { verb: 'invoke', argument: {}, source: { file: 'cases.yaml', line } };
}

test('assigns comparisons to the step that began last, or to the given one', () => {
  const steps = [step(1), step(2), step(3)] as const;
  const log = new EvidenceLog(steps);
  log.begin(steps[0]);
  log.add({ expected: 1, actual: 1, differences: [] });
  log.begin(steps[1]);
  log.add({ expected: 2, actual: 2, differences: [] });
  log.add({ expected: 3, actual: 3, differences: [] }, 0);
  expect(log.steps().map(({ began, exchanges }) => [began, exchanges.map(({ actual }) => actual)])).toEqual([
    [true, [1, 3]],
    [true, [2]],
    [false, []],
  ]);
});

test('keeps the first and the last comparisons of a step, and counts the others', () => {
  const steps = [step(1)] as const;
  const log = new EvidenceLog(steps);
  log.begin(steps[0]);
  for (let index = 1; index <= 10; index += 1) log.add({ actual: index, differences: [] });
  const [only] = log.steps();
  expect(only?.exchanges.map(({ actual }) => actual)).toEqual([1, 2, 3, 8, 9, 10]);
  expect(only?.exchangesLeftOut).toBe(4);
});

test('bounds values', () => {
  const log = new EvidenceLog([step(1)]);
  const long = 'x'.repeat(5_000_000);
  log.add({ request: { long }, actual: [long], differences: [{ path: '/a', expected: long, actual: long }] });
  expect(JSON.stringify(log.steps()).length).toBeLessThan(10_000);
});
