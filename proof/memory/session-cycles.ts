import { setTimeout as pause } from 'node:timers/promises';

/** Opens and closes sessions of a runtime. */
export interface SessionCaller {
  /** Opens a session and returns its id. Rejects if the runtime refuses it. */
  open(): Promise<string>;
  /** Closes a session. Rejects if the runtime refuses it. */
  close(sessionId: string): Promise<void>;
}

/** The size of a measurement. */
export interface CyclePlan {
  readonly cycles: number;
  /** Number of sessions that each cycle opens, and then closes. */
  readonly sessions: number;
}

/** Resident memory of each measured process in bytes, by its name. */
export type Memory = Readonly<Record<string, number>>;

/** Memory of a target over several cycles. */
export interface CyclesResult {
  readonly atStart: Memory;
  readonly afterCycles: readonly Memory[];
}

/** Number of concurrent calls. */
const concurrency = 32;
/** Number and interval of the samples after a cycle. The lowest counts, because runtimes free memory with a delay. */
const samples = 8;
const sampleEveryMs = 250;

/**
 * Opens and closes all sessions of each cycle, and measures the memory between cycles.
 * @param sample returns the current memory of all processes
 */
export async function runCycles(
  caller: SessionCaller,
  { cycles, sessions }: CyclePlan,
  sample: () => Promise<Memory>,
): Promise<CyclesResult> {
  const atStart = await lowest(sample);
  const afterCycles: Memory[] = [];
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const ids = await together(Array.from({ length: sessions }, () => () => caller.open()));
    await together(ids.map((id) => () => caller.close(id)));
    afterCycles.push(await lowest(sample));
  }
  return { atStart, afterCycles };
}

/** Returns the memory of a process after the last cycle, divided by that after the first one. */
export function growthOf({ afterCycles }: CyclesResult, process: string): number {
  return (afterCycles.at(-1)?.[process] ?? Number.NaN) / (afterCycles[0]?.[process] ?? Number.NaN);
}

/** Runs calls concurrently and returns their results. */
async function together<Result>(calls: readonly (() => Promise<Result>)[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = calls.values();
  const lane = async () => {
    for (const call of waiting) results.push(await call());
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return results;
}

async function lowest(sample: () => Promise<Memory>): Promise<Memory> {
  const found: Record<string, number> = {};
  for (let left = samples; left > 0; left -= 1) {
    await pause(sampleEveryMs);
    for (const [name, bytes] of Object.entries(await sample())) {
      found[name] = Math.min(found[name] ?? Number.POSITIVE_INFINITY, bytes);
    }
  }
  return found;
}
