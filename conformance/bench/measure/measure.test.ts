import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Recorder } from '../load/recorder.ts';
import { mergeBuckets, percentile, percentilesOf } from './buckets.ts';
import { ProcessTree } from './process-tree.ts';
import { ResultBuilder } from './result-builder.ts';
import { sampleTimes } from './sampler.ts';
import { SliceSamples, usageOf } from './slice-usage.ts';

describe('percentiles', () => {
  const recorded = (latencies: readonly number[]) => {
    const recorder = new Recorder({ from: 0, parts: 1, partMs: 1_000, intervalMs: 1_000 });
    for (const latency of latencies) recorder.success(1, latency);
    return recorder.finish(1_000, 0);
  };

  test('are those of the operations, within the precision of three digits', () => {
    const latencies = Array.from({ length: 10_000 }, (_, index) => (index + 1) / 10);
    const { parts, totalUs, maxUs } = recorded(latencies);
    const figures = percentilesOf(mergeBuckets(parts.map(({ latency }) => latency)), { totalUs, maxUs });
    const exact = { mean: 500_050, p50: 500_000, p90: 900_000, p99: 990_000, p999: 999_000, max: 1_000_000 };
    for (const [name, value] of Object.entries(exact)) {
      const found = figures[name as keyof typeof figures];
      expect(found, name).toBeGreaterThan(value * 0.998);
      expect(found, name).toBeLessThan(value * 1.002);
    }
  });

  test('of several threads are those of all their operations', () => {
    const parts = [recorded([1, 1, 1]), recorded([9])].flatMap((record) => record.parts);
    const merged = mergeBuckets(parts.map(({ latency }) => latency));
    expect(merged.counts).toEqual([3, 1]);
    expect(percentile(merged, 0.75)).toBe(1_000);
    expect(percentile(merged, 0.76)).toBeGreaterThan(8_990);
  });

  test('without operations are 0', () => {
    expect(percentilesOf(mergeBuckets([]), { totalUs: 0, maxUs: 0 })).toEqual({
      ...{ mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 },
    });
  });
});

describe.runIf(process.platform === 'linux')('the usage of a process', () => {
  test('includes its children', { timeout: 20_000 }, async () => {
    const busy = 'for (const end = Date.now() + 400; Date.now() < end; );';
    const script = `const { spawnSync } = require('child_process');
      spawnSync(process.execPath, ['-e', ${JSON.stringify(`${busy} process.stdin.resume()`)}], { stdio: 'inherit' })`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'ignore', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const tree = new ProcessTree(child.pid ?? 0);
    await expect.poll(async () => (await tree.usage())?.cpuUs, { timeout: 15_000 }).toBeGreaterThan(250_000);
    expect((await tree.usage())?.rssBytes).toBeGreaterThan(40 * 2 ** 20);
    child.stdin.end();
    await once(child, 'exit');
    expect(await tree.usage()).toBeUndefined();
  });
});

test('samples are taken at the ends of parts and intervals', () => {
  expect(sampleTimes({ from: 0, parts: 2, partMs: 250, intervalMs: 100 })).toEqual([
    0, 100, 200, 250, 350, 450, 500,
  ]);
});

describe('a result', () => {
  const samples = (cpuUs: readonly number[]) =>
    SliceSamples.of(
      cpuUs.map((each, index) => ({
        kind: 'measured' as const,
        value: { at: 1_000 + index * 500, cpuUs: each, rssBytes: 100 + index },
      })),
    );
  const recordOf = (operations: number) => {
    const recorder = new Recorder({ from: 0, parts: 2, partMs: 500, intervalMs: 500 });
    for (let index = 0; index < operations; index += 1) recorder.success((1_000 * index) / operations, 2);
    recorder.failure(600, { kind: 'http 500', detail: 'no' });
    return recorder.finish(1_000, 0.4);
  };
  const time = { from: 1_000, parts: 2, partMs: 500, intervalMs: 500, until: 2_000 };
  const facts = { workload: 'w', variant: 'v', startedAt: 500, isOpenLoop: false };

  test('adds up threads and slices', () => {
    const builder = new ResultBuilder(facts);
    const records = [recordOf(100), recordOf(50)];
    builder.add({ time, records, target: samples([0, 80_000, 160_000]), gateway: undefined });
    const result = builder.build();
    expect(result).toMatchObject({
      operations: 150,
      operationsPerS: 150,
      measuredMs: 1_000,
      generatorBusy: 0.4,
    });
    expect(result.errors).toEqual([{ kind: 'http 500', count: 2, example: 'no' }]);
    expect(result.rounds.map(({ operationsPerS, errors }) => [operationsPerS, errors])).toEqual([
      [150, 0],
      [150, 2],
    ]);
    expect(result.usage).toMatchObject({
      value: { cpuCores: 0.16, cpuUsPerOperation: 1_052.6, rssMaxBytes: 102 },
    });
    expect(result.series).toMatchObject({ startMs: [500, 1_000], operations: [75, 75], errors: [0, 2] });
    expect(result.histogram.counts.reduce((sum, each) => sum + each, 0)).toBe(150);
    expect(result.backlog).toBeUndefined();
  });

  test('of an interrupted slice has the time until then, and no incomplete round', () => {
    const builder = new ResultBuilder(facts);
    const slice = { time: { ...time, until: 1_600 }, records: [recordOf(100)], gateway: undefined };
    builder.add({ ...slice, target: samples([0, 80_000]) });
    expect(builder.build()).toMatchObject({ measuredMs: 600, rounds: [{ operationsPerS: 100 }] });
  });

  test('says why the usage was not measured', () => {
    const missing = SliceSamples.of([{ kind: 'not-measured', reason: 'no process' }]);
    expect(usageOf([missing], 10)).toEqual({ kind: 'not-measured', reason: 'no process' });
  });
});
