import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import type { BenchReport } from '../../conformance/bench/report.ts';
import { delayMs } from './injections.ts';

const kit = join(packageRoot(), 'dist/cli/main.js');
const runtime = join(packageRoot(), 'dist/proof/bench-accuracy/injected-runtime.js');

/** The slowdown that must be found, and the one that must not be reported as a regression. In percent. */
const large = 15;
const small = 2;
/** The share of runs in which the outcome must be right. */
const requiredShare = 0.9;
/** The permitted error of a reported delay. */
const tolerance = 0.1;
/** Attempts to measure the delay. Another process may delay calls as well. */
const delayAttempts = 5;
const maxMemoryBytes = 500 * 2 ** 20;

type Tell = (problem: string) => void;

/**
 * Proves that `bench` reports injected delays and slowdowns, and ends in time if the target does not keep up. Every
 * second run has all cores busy.
 * @param runs number of comparisons
 * @returns the exit code
 */
export async function proveBenchAccuracy(runs: number, tell: Tell): Promise<number> {
  const problems: string[] = [];
  const fail = (problem: string) => {
    problems.push(problem);
    console.log(`FAILED  ${problem}`);
    tell(problem);
  };
  await proveDelay(fail);
  await proveOverload(fail);
  await proveSlowdowns(runs, fail);
  return problems.length === 0 ? 0 : 1;
}

async function proveDelay(fail: Tell): Promise<void> {
  let found = 0;
  for (let attempt = 0; attempt < delayAttempts; attempt += 1) {
    const { report } = await bench([
      ...['--command', `${process.execPath} ${runtime} delay`],
      ...['--workload', 'echo-0.2k', '--users', '1', '--duration', '8s', '--rounds', '1'],
    ]);
    const { p50 = 0, p99 = 0 } = report?.results[0]?.latencyUs ?? {};
    found = (p99 - p50) / 1_000;
    console.log(`delay: p99 is ${found.toFixed(2)} ms above p50, injected were ${delayMs} ms`);
    if (Math.abs(found - delayMs) <= delayMs * tolerance) return;
  }
  fail(`a delay of ${delayMs} ms is reported as ${found.toFixed(2)} ms`);
}

/** Measures the capacity, and then requests twice as much. */
async function proveOverload(fail: Tell): Promise<void> {
  const shared = ['--workload', 'echo-0.2k', '--users', '16', '--duration', '5s', '--rounds', '1'];
  const closed = await bench(shared);
  const capacity = closed.report?.results[0]?.operationsPerS ?? 0;
  const rate = Math.round(2 * capacity);
  const { report, seconds, maxRssBytes } = await bench([...shared, '--rate', `${rate}/s`]);
  const { max = 0, unstarted = 0 } = report?.results[0]?.backlog ?? {};
  const memory = `${Math.round(maxRssBytes / 2 ** 20)} MiB`;
  console.log(
    `overload: ${rate}/s at a capacity of ${Math.round(capacity)}/s took ${seconds.toFixed(1)} s and ${memory}, backlog ${max}, never started ${unstarted}`,
  );
  if (report === undefined || capacity === 0) fail('the overload was not measured');
  else if (unstarted === 0) fail('the overload shows no backlog');
  if (seconds > 45) fail(`the overload took ${seconds.toFixed(1)} s`);
  if (maxRssBytes > maxMemoryBytes) fail(`the overload took ${memory}`);
}

async function proveSlowdowns(runs: number, fail: Tell): Promise<void> {
  const right = { large: 0, small: 0 };
  for (let run = 0; run < runs; run += 1) {
    const isBusy = run % 2 === 1;
    const length = isBusy ? availableParallelism() : 0;
    const workers = Array.from({ length }, () => new Worker('for (;;) {}', { eval: true }));
    const { report } = await bench([
      ...target('base', 0),
      ...target('large', large),
      ...target('small', small),
      ...['--workload', 'echo-0.2k', '--users', '8', '--duration', '20s', '--rounds', '20'],
    ]);
    await Promise.all(workers.map((worker) => worker.terminate()));
    const isRegression = (variant: string) =>
      report?.comparisons.some((each) => each.variant === variant && each.outcome === 'regression') === true;
    if (isRegression('large')) right.large += 1;
    if (report !== undefined && !isRegression('small')) right.small += 1;
    const shown = report?.comparisons.map(
      ({ variant, metric, slowdown }) => `${variant} ${metric} ${(slowdown * 100).toFixed(1)} %`,
    );
    console.log(`slowdown, run ${run + 1}${isBusy ? ', cores busy' : ''}: ${shown?.join(', ')}`);
  }
  const required = Math.floor(runs * requiredShare);
  console.log(`${large} % found in ${right.large} of ${runs} runs, ${small} % accepted in ${right.small}`);
  if (right.large < required) fail(`a slowdown of ${large} % is found in ${right.large} of ${runs} runs`);
  if (right.small < required)
    fail(`a slowdown of ${small} % is a regression in ${runs - right.small} of ${runs} runs`);
}

function target(name: string, percent: number): readonly string[] {
  return ['--target', `${name}=command:${process.execPath} ${runtime} slow ${percent}`];
}

interface Measured {
  readonly report: Pick<BenchReport, 'results' | 'comparisons'> | undefined;
  readonly seconds: number;
  /** The highest resident memory of the kit. */
  readonly maxRssBytes: number;
}

/** Runs `bench`. The report is undefined if it did not measure. */
async function bench(words: readonly string[]): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-accuracy-'));
  try {
    const file = join(folder, 'report.json');
    const started = performance.now();
    let maxRssBytes = 0;
    const run = $({
      nothrow: true,
      quiet: true,
    })`${process.execPath} ${kit} bench ${words} --report json=${file}`;
    const { pid } = run;
    const clock = setInterval(async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      maxRssBytes = Math.max(maxRssBytes, Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024);
    }, 200);
    const output = await run.timeout('3m');
    clearInterval(clock);
    const seconds = (performance.now() - started) / 1_000;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) console.log(output.stdall);
    return { report: text === undefined ? undefined : JSON.parse(text), seconds, maxRssBytes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
