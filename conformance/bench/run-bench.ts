import { randomUUID } from 'node:crypto';
import { ResourceScope } from '../../runners/resource-scope.ts';
import type { Tool } from '../report/report.ts';
import { BenchUsageError } from './bench-error.ts';
import { compareVariants } from './compare/within-run.ts';
import type { SliceCommand } from './load/commands.ts';
import { ThreadPool } from './load/thread-pool.ts';
import { machine } from './measure/machine.ts';
import { ResultBuilder } from './measure/result-builder.ts';
import { sampleAt, sampleTimes } from './measure/sampler.ts';
import type { BenchPlan } from './plan.ts';
import type { BenchReport, BenchResult } from './report.ts';
import { type RunningVariant, startVariants } from './targets/start-variants.ts';
import { verdictOf, warningsOf } from './verdict.ts';
import { findWorkload } from './workloads/index.ts';

/** Called as the benchmark proceeds. */
export interface BenchListener {
  /** @param what the current activity, such as a workload and a variant */
  onActivity(what: string): void;
  /** Called with a function that returns the number of measured operations and errors so far. */
  onProgress(progress: () => ThreadPool['progress']): void;
}

/** The context of a benchmark. */
export interface BenchContext {
  readonly tool: Tool;
  /** Ends the benchmark early. The report has the measurements so far. */
  readonly signal: AbortSignal;
  readonly listener: BenchListener;
}

/** Time of load before the measured part of each slice, after another variant had its turn. */
const maxSettleMs = 250;
/** Time for the threads to receive the command of a slice. */
const leadMs = 30;
const minIntervalMs = 1_000;
/** Maximum number of intervals of a result. */
const maxIntervals = 600;

/**
 * Starts the targets, generates the load and measures.
 * @throws BenchUsageError, RunnerError, TargetError, PreparationError, ThreadError
 */
export async function runBench(plan: BenchPlan, context: BenchContext): Promise<BenchReport> {
  const scope = new ResourceScope();
  try {
    const { transports, gateway, readyTimeoutMs } = plan;
    const { signal } = context;
    context.listener.onActivity('starting');
    const variants = await startVariants(plan.targets, {
      transports,
      gateway,
      readyTimeoutMs,
      signal,
      scope,
    });
    const baseline = baselineOf(plan, variants);
    const name = `bench-${randomUUID().slice(0, 8)}`;
    const pool = scope.own(new ThreadPool({ ...plan, name }));
    const bench = new RunningBench({ plan, context, variants, pool });
    return await bench.run(baseline);
  } finally {
    await scope[Symbol.asyncDispose]();
  }
}

/** @throws BenchUsageError for an unknown name */
function baselineOf({ baseline }: BenchPlan, variants: readonly RunningVariant[]): string {
  const names = variants.map(({ name }) => name);
  const chosen = baseline ?? names[0] ?? '';
  if (names.includes(chosen)) return chosen;
  throw new BenchUsageError(`--baseline ${chosen}: there is no such variant; known: ${names.join(', ')}`);
}

interface BenchParts {
  readonly plan: BenchPlan;
  readonly context: BenchContext;
  readonly variants: readonly RunningVariant[];
  readonly pool: ThreadPool;
}

/** A benchmark whose targets are running. */
class RunningBench {
  readonly #parts: BenchParts;
  readonly #startedAt = Date.now();
  readonly #results: BenchResult[] = [];

  constructor(parts: BenchParts) {
    this.#parts = parts;
  }

  async run(baseline: string): Promise<BenchReport> {
    const { plan, context, variants, pool } = this.#parts;
    const stop = () => pool.stop();
    context.signal.addEventListener('abort', stop, { once: true });
    try {
      context.listener.onProgress(() => pool.progress);
      for (const { name, endpoint } of variants) {
        context.listener.onActivity(`opening sessions on ${name}`);
        await this.#unlessStopped(() => pool.open(name, endpoint, plan.load.users));
      }
      for (const workload of plan.workloads) await this.#measure(workload);
      for (const { name } of variants) await pool.close(name).catch(() => undefined);
    } finally {
      context.signal.removeEventListener('abort', stop);
    }
    return this.#report(baseline);
  }

  async #measure(workload: string): Promise<void> {
    const { plan, variants, pool } = this.#parts;
    const builders = variants.map(
      ({ name }) =>
        new ResultBuilder({
          workload,
          variant: name,
          startedAt: this.#startedAt,
          isOpenLoop: plan.load.kind === 'open',
        }),
    );
    for (const variant of variants) {
      this.#parts.context.listener.onActivity(`${workload} on ${variant.name}, warm-up`);
      checkCapabilities(workload, variant);
      await this.#unlessStopped(() => pool.ready(variant.name, workload));
      if (plan.warmUpMs > 0) await this.#warmUp(workload, variant);
    }
    const both = variants.map((variant, index) => ({ variant, builder: builders[index] }));
    // With a single variant there are no turns to take, so the load does not pause between the rounds.
    const [parts, slices] = both.length === 1 ? [plan.rounds, 1] : [1, plan.rounds];
    for (let round = 0; round < slices; round += 1) {
      for (const { variant, builder } of round % 2 === 0 ? both : both.toReversed()) {
        if (this.#isStopped || builder === undefined) break;
        const turn = slices === 1 ? '' : `, round ${round + 1} of ${slices}`;
        this.#parts.context.listener.onActivity(`${workload} on ${variant.name}${turn}`);
        builder.add(await this.#slice(workload, variant, parts));
      }
    }
    for (const builder of builders) {
      const result = builder.build();
      if (result.measuredMs > 0) this.#results.push(result);
    }
    for (const { name } of variants) await this.#unlessStopped(() => pool.release(name, workload));
  }

  async #slice(workload: string, variant: RunningVariant, parts: number) {
    const { plan, context, pool } = this.#parts;
    const partMs = plan.durationMs / plan.rounds;
    const settleMs = Math.min(maxSettleMs, partMs / 4);
    const startAt = Date.now() + leadMs;
    const from = startAt + settleMs;
    const intervalMs = Math.min(partMs, Math.max(minIntervalMs, Math.ceil(plan.durationMs / maxIntervals)));
    const time = { from, parts, partMs, intervalMs };
    const meters = [variant.usage, ...(variant.gatewayUsage ? [variant.gatewayUsage] : [])];
    const command = { variant: variant.name, workload, startAt, measureAt: from, parts, partMs, intervalMs };
    const [records, [target, gateway]] = await Promise.all([
      pool.slice(command, this.#loadOf),
      sampleAt(meters, sampleTimes(time), context.signal),
    ]);
    if (target === undefined) throw new Error('the target was not sampled');
    const end = from + parts * partMs;
    const until = context.signal.aborted ? Math.min(Date.now(), end) : end;
    return { time: { ...time, until }, records, target, gateway };
  }

  async #warmUp(workload: string, variant: RunningVariant): Promise<void> {
    if (this.#isStopped) return;
    const { plan, pool } = this.#parts;
    const startAt = Date.now() + leadMs;
    const partMs = plan.warmUpMs;
    const command = { variant: variant.name, workload, startAt, measureAt: startAt, parts: 1, partMs };
    await pool.slice({ ...command, intervalMs: partMs }, this.#loadOf);
  }

  readonly #loadOf = (thread: number, threads: number): SliceCommand['load'] => {
    const { load } = this.#parts.plan;
    if (load.kind === 'closed') return { kind: 'closed' };
    const intervalMs = (1_000 * threads) / load.ratePerS;
    return { kind: 'open', intervalMs, offsetMs: (intervalMs * thread) / threads };
  };

  get #isStopped(): boolean {
    return this.#parts.context.signal.aborted;
  }

  /** Skips work after an interruption, and ignores its failure if the interruption caused it. */
  async #unlessStopped(work: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return;
    try {
      await work();
    } catch (error) {
      if (!this.#isStopped) throw error;
    }
  }

  #report(baseline: string): BenchReport {
    const { plan, context, variants } = this.#parts;
    const { load, durationMs, warmUpMs, rounds, workers, connections, deadlineMs, gateway, maxRegression } =
      plan;
    const settings = {
      load,
      durationMs,
      warmUpMs,
      rounds,
      workers,
      connections,
      deadlineMs,
      gateway,
      maxRegression,
    };
    const results = this.#results;
    const comparisons = compareVariants({ results, settings }, baseline);
    return {
      kind: 'bench',
      tool: context.tool,
      startedAt: this.#startedAt,
      durationMs: Date.now() - this.#startedAt,
      machine: machine(),
      settings,
      verdict: verdictOf({ results, comparisons, isInterrupted: this.#isStopped }),
      variants: variants.map(({ name, target, transport, version }) => ({
        name,
        target,
        transport,
        version,
      })),
      results,
      comparisons,
      warnings: warningsOf({ results, comparisons, settings, variants: variants.length }),
    };
  }
}

/** @throws BenchUsageError if the target does not declare a capability that the workload needs */
function checkCapabilities(workload: string, { name, capabilities }: RunningVariant): void {
  const missing = findWorkload(workload)?.capabilities.filter((each) => !capabilities.includes(each)) ?? [];
  if (missing.length === 0) return;
  throw new BenchUsageError(
    `--workload ${workload}: ${name} does not declare the capability ${missing.join(', ')}; choose other workloads`,
  );
}
