import type { DataCase } from '../../conformance/case/case.ts';
import type { RunResult } from '../../conformance/engine/result.ts';
import { judge } from '../../conformance/judge/verdict.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { createEmbeddedRunner } from '../../runners/embedded/runner.ts';
import { runCases } from '../harness/run-cases.ts';

const factors = [1, 4, 16];

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
  return await runCases(runner, { identities, cases: repeated(cases, factor) });
}

/**
 * Measures the duration of the suite and its growth with the number of cases. Cases that start further processes are not
 * repeated, because they measure the start of the target. Resolves to the exit code.
 */
export async function bench(): Promise<number> {
  let exitCode = 0;
  const rows: string[] = [];
  let firstMs = 0;
  for (const factor of factors) {
    const { results, durationMs, ...run } = await measure(factor);
    const verdict = judge({ results, durationMs, ...run });
    if (verdict.exitCode !== 0) {
      exitCode = 1;
      console.error(`at ${factor}x: ${verdict.sentence}`);
      for (const { case: head, outcome } of results) {
        if (outcome.kind === 'failed') console.error(`  ${head.id}: ${outcome.failure.summary}`);
      }
    }
    if (factor === 1) {
      firstMs = durationMs;
      const slowest = results.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, 10);
      console.log('slowest cases');
      for (const each of slowest) {
        console.log(`  ${each.durationMs.toFixed(0).padStart(6)} ms  ${each.case.id}`);
      }
    }
    const seconds = durationMs / 1000;
    const rssMiB = (process.memoryUsage().rss / 2 ** 20).toFixed(0).padStart(15);
    rows.push(
      `${String(results.length).padStart(7)}${seconds.toFixed(2).padStart(9)}${(results.length / seconds).toFixed(0).padStart(9)}` +
        `${(durationMs / firstMs).toFixed(2).padStart(16)}x${rssMiB} MiB`,
    );
  }
  console.log(`\n  cases  seconds  cases/s  time against 1x  memory of the kit\n${rows.join('\n')}`);
  return exitCode;
}
