import type { DataCase } from '../../conformance/case/case.ts';
import type { CaseResult, RunResult } from '../../conformance/engine/result.ts';
import { judge } from '../../conformance/judge/verdict.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { createEmbeddedRunner } from '../../runners/embedded/runner.ts';
import { markdownTable } from '../docs/markdown-table.ts';
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
 * Measures the duration of the suite for growing numbers of cases. Does not repeat cases that start further processes,
 * because they measure the start of the target. Prints Markdown for docs/figures.md. Resolves to the exit code.
 */
export async function suiteTime(): Promise<number> {
  let exitCode = 0;
  const rows: string[][] = [];
  let firstMs = 0;
  let slowest: readonly CaseResult[] = [];
  for (const factor of factors) {
    const run = await measure(factor);
    const { results, durationMs } = run;
    const verdict = judge(run);
    if (verdict.exitCode !== 0) {
      exitCode = 1;
      console.error(`at ${factor}x: ${verdict.sentence}`);
      for (const { case: head, outcome } of results) {
        if (outcome.kind === 'failed') console.error(`  ${head.id}: ${outcome.failure.summary}`);
      }
    }
    if (factor === 1) {
      firstMs = durationMs;
      slowest = results.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, 10);
    }
    const seconds = durationMs / 1000;
    rows.push([
      grouped(results.length),
      seconds.toFixed(2),
      grouped(results.length / seconds),
      `${(durationMs / firstMs).toFixed(2)}x`,
      `${grouped(process.memoryUsage().rss / 2 ** 20)} MiB`,
    ]);
  }
  const head = ['cases', 'seconds', 'cases a second', 'time against 1x', 'memory of the kit'];
  const slow = slowest.map(({ durationMs, case: { id } }) => [grouped(durationMs), id]);
  console.log(markdownTable(head, rows));
  console.log(`\nThe slowest cases of the first run:\n\n${markdownTable(['ms', 'case'], slow)}`);
  return exitCode;
}

function grouped(amount: number): string {
  return Math.round(amount).toLocaleString('en-US');
}
