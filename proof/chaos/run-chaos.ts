import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { Caller } from './callers/caller.ts';
import { recoveryLimitMs } from './callers/limits.ts';
import { useSessions } from './callers/session-life.ts';
import { Conductor, type DisturbanceCount, type DisturbanceEvent } from './disturbances/conductor.ts';
import type { Disturbance } from './disturbances/disturbance.ts';
import { disturbances as allDisturbances } from './disturbances/disturbances.ts';
import { pause } from './disturbances/pause.ts';
import { CrashWatch } from './invariants/crashes.ts';
import { DisturbanceLog } from './invariants/disturbance-log.ts';
import { Judge, type ReplyCounts } from './invariants/judge.ts';
import { type InvariantResult, Ledger } from './invariants/ledger.ts';
import { MemoryRecord, type MemoryUse, settleLimitMs } from './invariants/memory.ts';
import { Random } from './random.ts';
import { ChaosSystem } from './system/chaos-system.ts';
import type { Program, RuntimeKind } from './system/runtime-program.ts';

/** How the system is disturbed. */
export interface ChaosPlan {
  readonly durationMs: number;
  /** Number of callers, divided between the gateways. */
  readonly callers: number;
  /** The runtimes, each behind a gateway of its own. */
  readonly runtimes: readonly RuntimeKind[];
  readonly seed: number;
  /** Default: all. */
  readonly disturbances?: readonly Disturbance[];
  /** Time limit for the memory to fall after the load, in milliseconds. Default: 180,000. */
  readonly settleMs?: number;
  /** The program of the gateways. Default: the command `gateway` of the kit. */
  readonly gateway?: Program;
}

/** The outcome of a run. */
export interface ChaosResult extends Omit<ChaosPlan, 'gateway' | 'settleMs' | 'disturbances'> {
  readonly disturbances: readonly DisturbanceCount[];
  readonly timeline: readonly DisturbanceEvent[];
  readonly invariants: readonly InvariantResult[];
  /** The latest lines of all logs before the first violation. */
  readonly evidence: readonly string[];
  readonly replies: ReplyCounts;
  readonly memory: readonly MemoryUse[];
  /** The time after the chaos until the last caller got a right answer, in milliseconds. */
  readonly recoveryMs: number;
}

/** Reports the progress of a run, and ends it early. */
export interface ChaosControl {
  /** Receives a line each minute. */
  readonly progress: (line: string) => void;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

const sampleMs = 1_000;
const minuteMs = 60_000;

const kitGateway: Program = {
  file: process.execPath,
  args: [join(packageRoot(), 'dist', 'cli', 'main.js'), 'gateway'],
};

/**
 * Disturbs a system of gateways and runtimes while callers use it, and checks the invariants.
 * @throws NoProgramError, or the reason of the signal if it ends the run
 */
export async function runChaos(plan: ChaosPlan, control: ChaosControl): Promise<ChaosResult> {
  const { gateway = kitGateway, settleMs = settleLimitMs, disturbances = allDisturbances } = plan;
  const { runtimes, durationMs, seed } = plan;
  const random = new Random(seed);
  const ledger: Ledger = new Ledger(() => watch.lines);
  const watch = new CrashWatch(ledger);
  const log = new DisturbanceLog();
  const judge = new Judge(ledger, log);
  const memory = new MemoryRecord(ledger);
  await using system = await ChaosSystem.start({ runtimes, gateway, watch });
  const conductor = new Conductor({
    disturbances,
    pairs: system.pairs,
    random: random.fork(),
    log,
    token: await system.tokens.tokenFor('disturber'),
    signal: control.signal,
  });
  const callers = await makeCallers(plan, { system, random, ledger, log, judge });
  const stop = new AbortController();
  // Each caller adds a listener.
  setMaxListeners(0, stop.signal);
  const sampling = setInterval(() => {
    for (const sample of system.memory()) memory.sample(sample);
  }, sampleMs);
  const startedMs = performance.now();
  const telling = setInterval(() => control.progress(progressLine(startedMs, judge, ledger)), minuteMs);
  let recoveryMs: number;
  try {
    const using = callers.map((caller) => useSessions(caller, stop.signal));
    await conductor.run(durationMs);
    stop.abort();
    control.signal.throwIfAborted();
    recoveryMs = await recover(callers, ledger);
    await Promise.all(using);
    await settled(system, settleMs, control.signal);
  } finally {
    stop.abort();
    clearInterval(sampling);
    clearInterval(telling);
    for (const caller of callers) caller[Symbol.dispose]();
  }
  for (const sample of system.memory()) memory.settled(sample);
  const left = await system.stop();
  ledger.check('cleanup', left.length === 0 ? undefined : `left behind: ${left.join(', ')}`);
  return {
    durationMs,
    callers: plan.callers,
    runtimes,
    seed,
    disturbances: conductor.counts(),
    timeline: conductor.events,
    invariants: ledger.results(),
    evidence: ledger.evidence,
    replies: judge.counts,
    memory: memory.uses(),
    recoveryMs,
  };
}

interface CallerParts {
  readonly system: ChaosSystem;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly log: DisturbanceLog;
  readonly judge: Judge;
}

async function makeCallers(
  { callers }: ChaosPlan,
  { system, random, ledger, log, judge }: CallerParts,
): Promise<readonly Caller[]> {
  const numbers = Array.from({ length: callers }, (_, index) => index + 1);
  return Promise.all(
    numbers.map(async (number) => {
      const pair = system.pairs[number % system.pairs.length];
      if (pair === undefined) throw new RangeError('a system needs a runtime');
      const subject = `caller-${number}`;
      const token = await system.tokens.tokenFor(subject);
      const runtimeLives = () => pair.runtime.lives;
      const { url, index } = pair;
      return new Caller({
        number,
        subject,
        token,
        pair: index,
        url,
        random: random.fork(),
        judge,
        ledger,
        log,
        runtimeLives,
      });
    }),
  );
}

/** Waits until each caller gets a right answer again. @returns the time that the last one needed, in milliseconds */
async function recover(callers: readonly Caller[], ledger: Ledger): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(
    callers.map(async (caller) => {
      const problem = (await caller.recovers(recoveryLimitMs))
        ? undefined
        : `${caller.name} got no right answer within ${recoveryLimitMs / 1_000} s after the chaos`;
      ledger.check('recovery', problem);
    }),
  );
  return performance.now() - startedMs;
}

/** Waits until the memory of all processes has fallen below their limits for the time after the load. */
async function settled(system: ChaosSystem, limitMs: number, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + limitMs;
  do {
    await pause(sampleMs, signal);
    if (system.memory().every(({ bytes, limits }) => bytes <= limits.after)) return;
  } while (performance.now() < endMs && !signal.aborted);
}

function progressLine(startedMs: number, judge: Judge, ledger: Ledger): string {
  const minutes = Math.round((performance.now() - startedMs) / minuteMs);
  const replies = Object.values(judge.counts).reduce((sum, count) => sum + count, 0);
  const { violations } = ledger;
  return `after ${minutes} min: ${replies} replies, ${violations} violations`;
}
