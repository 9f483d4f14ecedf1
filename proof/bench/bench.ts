import type { DataCase } from '../../conformance/case/case.ts';
import { defaultConcurrency } from '../../conformance/engine/options.ts';
import type { RunResult } from '../../conformance/engine/result.ts';
import { runSuite } from '../../conformance/engine/run.ts';
import { judge } from '../../conformance/judge/verdict.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { createEmbeddedRunner } from '../../runners/embedded.ts';

const factors = [1, 4, 16];
const slowestShown = 10;

function repeated(cases: readonly DataCase[], factor: number): readonly DataCase[] {
  const launching = cases.filter(({ needs }) => needs.runner?.includes('launch'));
  const others = cases.filter((testCase) => !launching.includes(testCase));
  const copies = Array.from({ length: factor }, (_, copy) =>
    copy === 0 ? others : others.map((testCase) => ({ ...testCase, id: `${testCase.id}@${copy}` })),
  );
  return [...launching, ...copies.flat()];
}

async function measure(factor: number): Promise<RunResult> {
  const { cases, identities } = await loadOwnFixtures();
  await using runner = createEmbeddedRunner({ catalog: 'conformance' });
  return runSuite({
    runner,
    identities,
    cases: repeated(cases, factor),
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: true },
    concurrency: defaultConcurrency,
    readyTimeoutMs: 30_000,
    bail: false,
    keepWire: false,
    knownFailures: new Map(),
    signal: new AbortController().signal,
    listener: {},
  });
}

/**
 * Measures how fast the suite is, and how its time grows with the number of cases. Cases that start further processes run
 * once however often the others are repeated: they measure the start of the target. Resolves to the exit code.
 */
export async function bench(): Promise<number> {
  let exitCode = 0;
  const rows: Row[] = [];
  for (const factor of factors) {
    const result = await measure(factor);
    const verdict = judge(result);
    if (verdict.exitCode !== 0) {
      console.error(`at ${factor}x: ${verdict.sentence}`);
      for (const { case: head, outcome } of result.results) {
        if (outcome.kind === 'failed') console.error(`  ${head.id}: ${outcome.failure.summary}`);
      }
      exitCode = 1;
    }
    rows.push({
      cases: result.results.length,
      seconds: result.durationMs / 1000,
      rssMiB: process.memoryUsage().rss / 2 ** 20,
    });
    if (factor === 1) tellSlowest(result);
  }
  tellGrowth(rows);
  return exitCode;
}

interface Row {
  readonly cases: number;
  readonly seconds: number;
  readonly rssMiB: number;
}

function tellSlowest({ results }: RunResult): void {
  const slowest = [...results].sort((one, other) => other.durationMs - one.durationMs).slice(0, slowestShown);
  console.log('slowest cases');
  for (const { case: head, durationMs } of slowest) {
    console.log(`  ${durationMs.toFixed(0).padStart(6)} ms  ${head.id}`);
  }
}

function tellGrowth(rows: readonly Row[]): void {
  const [base] = rows;
  console.log('\n  cases  seconds  cases/s  time against 1x  memory of the kit');
  for (const { cases, seconds, rssMiB } of rows) {
    const against = base === undefined ? 1 : seconds / base.seconds;
    console.log(
      `${String(cases).padStart(7)}${seconds.toFixed(2).padStart(9)}${(cases / seconds).toFixed(0).padStart(9)}` +
        `${against.toFixed(2).padStart(16)}x${rssMiB.toFixed(0).padStart(15)} MiB`,
    );
  }
}
