import { expect, test } from 'vitest';
import { type CyclesResult, growthOf, runCycles, type SessionCaller } from './session-cycles.ts';

/** A runtime that keeps a share of the memory of each closed session. */
class LeakyRuntime implements SessionCaller {
  readonly open = async () => {
    this.bytes += 1_000;
    this.mostOpen = Math.max(this.mostOpen, this.#open.add(`${this.#next++}`).size);
    return `${this.#next - 1}`;
  };
  bytes = 1_000_000;
  mostOpen = 0;
  readonly #open = new Set<string>();
  readonly #kept: number;
  #next = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  async close(sessionId: string): Promise<void> {
    expect(this.#open.delete(sessionId)).toBe(true);
    this.bytes -= 1_000 * (1 - this.#kept);
  }
}

async function cyclesOf(runtime: LeakyRuntime): Promise<CyclesResult> {
  return runCycles(runtime, { cycles: 3, sessions: 1_000 }, async () => ({ runtime: runtime.bytes }));
}

test('a runtime that frees the memory of closed sessions does not grow', { timeout: 30_000 }, async () => {
  const runtime = new LeakyRuntime(0);
  const result = await cyclesOf(runtime);
  expect(runtime.mostOpen).toBe(1_000);
  expect(result.afterCycles).toHaveLength(3);
  expect(growthOf(result, 'runtime')).toBe(1);
});

test('a runtime that keeps half of the memory grows', { timeout: 30_000 }, async () => {
  const result = await cyclesOf(new LeakyRuntime(0.5));
  expect(result.afterCycles.map(({ runtime }) => runtime)).toEqual([1_500_000, 2_000_000, 2_500_000]);
  expect(growthOf(result, 'runtime')).toBeCloseTo(5 / 3);
});

test('a cycle fails if the runtime refuses a session', { timeout: 30_000 }, async () => {
  const refusing: SessionCaller = {
    open: () => Promise.reject(new Error('status 429')),
    close: async () => undefined,
  };
  const run = runCycles(refusing, { cycles: 1, sessions: 1 }, async () => ({}));
  await expect(run).rejects.toThrow('status 429');
});
