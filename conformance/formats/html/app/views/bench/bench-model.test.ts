import { describe, expect, test } from 'vitest';
import type { BenchResultJson } from '../../../data/bench.ts';
import { distribution, extentOf, highestShare, memory, percentileCurve, throughput } from './bench-model.ts';

const result: BenchResultJson = {
  workload: 'echo',
  variant: 'ts',
  measuredMs: 3_000,
  operations: 1_000,
  operationsPerS: 333,
  errors: [],
  latencyUs: { mean: 120, p50: 100, p90: 200, p99: 1_000, p999: 5_000, max: 5_000 },
  histogram: { valuesUs: [100, 200, 1_000, 5_000], counts: [500, 400, 90, 10] },
  usage: { kind: 'not-measured', reason: 'no process' },
  generatorBusy: 0.1,
  series: {
    startMs: [0, 1_000, 5_000],
    lengthMs: [1_000, 1_000, 1_000],
    operations: [300, 400, 300],
    errors: [0, 0, 0],
    p50Us: [1, 1, 1],
    p99Us: [1, 1, 1],
    maxUs: [1, 1, 1],
    rssBytes: [1_000, null, 3_000],
    backlog: [0, 0, 0],
  },
};

describe('latencies', () => {
  test('the distribution adds up to all operations, and ends at nothing on both sides', () => {
    const { points } = distribution(result);
    expect(points.reduce((sum, { y = 0 }) => sum + y, 0)).toBeCloseTo(1);
    expect([points[0]?.y, points.at(-1)?.y]).toEqual([0, 0]);
    expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).toSorted((one, other) => one - other));
  });

  test('a percentile is the highest latency of that share of operations', () => {
    const { points } = percentileCurve(result);
    const at = (share: number) => points.findLast(({ x }) => x <= share + 1e-9)?.y;
    expect([at(0), at(0.5), at(0.89), at(0.95), at(0.99)]).toEqual([100, 100, 200, 1_000, 1_000]);
    expect(points.at(-1)?.x).toBeLessThanOrEqual(highestShare(1_000));
  });

  test('few operations support few percentiles', () => {
    expect([highestShare(10), highestShare(100), highestShare(10_000)]).toEqual([0.5, 0.9, 0.999]);
  });

  test('a result without operations has no distribution', () => {
    const empty = { ...result, histogram: { valuesUs: [], counts: [] } };
    expect(distribution(empty).points).toEqual([]);
    expect(extentOf([percentileCurve(empty)], ({ y }) => y)).toBeUndefined();
  });
});

describe('the course', () => {
  test('pauses while other variants run', () => {
    expect(throughput(result).points).toEqual([
      { x: 1_000, y: 300 },
      { x: 2_000, y: 400 },
      { x: 2_001, y: undefined },
      { x: 6_000, y: 300 },
    ]);
  });

  test('has gaps where nothing was measured', () => {
    expect(memory(result).points.map(({ y }) => y)).toEqual([1_000, undefined, undefined, 3_000]);
  });
});
