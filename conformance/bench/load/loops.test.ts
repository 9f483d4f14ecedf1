import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { mergeBuckets, percentile } from '../measure/buckets.ts';
import type { Operation } from '../workloads/call.ts';
import { runSlice, type SliceOptions } from './loops.ts';
import type { SliceRecord } from './recorder.ts';

/** An operation of a given duration that counts its starts and cancellations. */
function taking(ms: number): Operation & { started: number; cancelled: number } {
  const operation = {
    started: 0,
    cancelled: 0,
    start(done: Parameters<Operation['start']>[0]) {
      operation.started += 1;
      const timer = setTimeout(done, ms, undefined);
      return () => {
        operation.cancelled += 1;
        clearTimeout(timer);
      };
    },
  };
  return operation;
}

function run(given: Partial<SliceOptions> & { readonly ms: number }): Promise<SliceRecord> {
  const start = performance.now() + 5;
  return runSlice({
    operations: [],
    load: { kind: 'closed' },
    start,
    time: { from: start, parts: 1, partMs: given.ms, intervalMs: given.ms },
    deadlineMs: 5_000,
    stop: new AbortController().signal,
    ...given,
  });
}

const total = ({ parts }: SliceRecord) => parts.reduce((sum, { operations }) => sum + operations, 0);
const latency = ({ parts }: SliceRecord) => mergeBuckets(parts.map((part) => part.latency));

describe('a closed loop', () => {
  test('starts the next operation of a user after the last one', async () => {
    const operations = [taking(20), taking(20)];
    const record = await run({ operations, ms: 500 });
    const started = operations.reduce((sum, each) => sum + each.started, 0);
    expect(total(record)).toBeGreaterThan(4);
    expect(total(record)).toBeLessThanOrEqual(50);
    expect(started - total(record)).toBeLessThanOrEqual(2);
    expect(percentile(latency(record), 0.5)).toBeGreaterThan(19_000);
    expect(record).toMatchObject({ failures: [], unstarted: 0, maxBacklog: 0 });
  });

  test('counts each operation in its part and interval', async () => {
    const start = performance.now() + 5;
    const time = { from: start, parts: 3, partMs: 100, intervalMs: 40 };
    const record = await run({ operations: [taking(5)], time, start, ms: 300 });
    expect(record.parts).toHaveLength(3);
    for (const part of record.parts) {
      expect(part.intervals).toHaveLength(3);
      expect(part.intervals.reduce((sum, { operations }) => sum + operations, 0)).toBe(part.operations);
      expect(part.latency.counts.reduce((sum, count) => sum + count, 0)).toBe(part.operations);
    }
  });

  test('counts operations that exceed their time limit, even after the end', async () => {
    const stuck = taking(60_000);
    const record = await run({ operations: [stuck], deadlineMs: 300, ms: 100 });
    expect(record.failures).toEqual([
      { kind: 'deadline', count: 1, example: expect.stringContaining('300 ms') },
    ]);
    expect(record.parts[0]).toMatchObject({ operations: 0, errors: 1 });
    expect(stuck.cancelled).toBe(1);
  });

  test('counts failures by kind, and does not repeat them in a busy loop', async () => {
    const failing: Operation = {
      start: (done) => {
        done({ kind: 'http 500', detail: 'no' });
        return () => undefined;
      },
    };
    const record = await run({ operations: [failing], ms: 200 });
    expect(record.failures).toEqual([{ kind: 'http 500', count: expect.any(Number), example: 'no' }]);
    expect(record.failures[0]?.count).toBeLessThanOrEqual(22);
    expect(record.parts[0]?.errors).toBe(record.failures[0]?.count);
  });

  test('ends early, and keeps what was measured', async () => {
    const stop = new AbortController();
    const stuck = taking(60_000);
    const slice = run({ operations: [taking(10), stuck], stop: stop.signal, ms: 60_000 });
    await pause(200);
    stop.abort();
    const record = await slice;
    expect(total(record)).toBeGreaterThan(0);
    expect(record.failures).toEqual([]);
    expect(stuck.cancelled).toBe(1);
  });
});

describe('an open loop', () => {
  test('starts operations at their times, whether or not earlier ones have ended', async () => {
    const operations = Array.from({ length: 20 }, () => taking(50));
    const load = { kind: 'open', intervalMs: 10, offsetMs: 0 } as const;
    const record = await run({ operations, load, ms: 500 });
    expect(total(record) + record.unstarted).toBe(50);
    expect(percentile(latency(record), 0.5)).toBeGreaterThanOrEqual(49_000);
  });

  test('counts latency from the time at which an operation was due, and the backlog', async () => {
    // One user takes 20 ms, but an operation is due every 10 ms, so half of them cannot start.
    const load = { kind: 'open', intervalMs: 10, offsetMs: 0 } as const;
    const user = taking(20);
    const record = await run({ operations: [user], load, ms: 1_000 });
    expect(total(record)).toBe(user.started);
    expect(total(record) + record.unstarted).toBe(100);
    expect(record.unstarted).toBeGreaterThanOrEqual(48);
    expect(record.maxBacklog).toBeGreaterThanOrEqual(record.unstarted - 2);
    // The last operations wait for about half of the time.
    expect(record.maxUs).toBeGreaterThan(400_000);
    expect(percentile(latency(record), 0.5)).toBeGreaterThan(200_000);
  });

  test('with a million due operations ends in time and takes no memory for them', async () => {
    const before = process.memoryUsage().heapUsed;
    const load = { kind: 'open', intervalMs: 0.001, offsetMs: 0 } as const;
    const record = await run({ operations: [taking(20)], load, ms: 1_000 });
    // The last one is due at the end, or a rounding error before it.
    expect(Math.abs(total(record) + record.unstarted - 1_000_000)).toBeLessThanOrEqual(1);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 2 ** 20);
  });
});
