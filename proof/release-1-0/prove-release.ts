import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { type CaseVerdict, type CaseVerdicts, differencesBetween } from './differences.ts';

/** Maximum number of findings about the runtime of release 1.0, which has few faults. */
const maxFindings = 14;

interface JsonOutcome {
  readonly kind: string;
  readonly failure?: { readonly summary: string };
}

/** The members of a JSON report that this proof reads. */
interface JsonReport {
  readonly target: { readonly contract?: { readonly release: string; readonly origin: string } };
  readonly verdict: {
    readonly sentence: string;
    readonly findings: readonly { readonly clause: string; readonly summary: string }[];
  };
  readonly cases: readonly { readonly id: string; readonly outcome: JsonOutcome }[];
}

/**
 * Checks a runtime of contract release 1.0 repeatedly, every second time with busy cores. All runs must detect the
 * release, have few findings, and agree case by case. Prints the findings, every difference, and a summary.
 * @param runs number of runs
 * @returns the exit code: 0 if all runs agree, else 1
 */
export async function proveRelease(runs: number): Promise<number> {
  const dist = join(packageRoot(), 'dist');
  const bundle = join(dist, 'proof', 'bundled');
  const program = join(dist, 'proof', 'release-1-0', 'runtime.js');
  await $`${process.execPath} ${join(packageRoot(), 'bundle.mjs')} ${program} ${bundle}`.quiet();
  const folder = await mkdtemp(join(tmpdir(), 'release-1-0-'));
  try {
    let first: CaseVerdicts | undefined;
    let agreeing = 0;
    for (let run = 1; run <= runs; run += 1) {
      const isBusy = run % 2 === 0;
      // Each run has its own file, because a run that fails to write one must not agree with the previous run.
      const file = join(folder, `report-${run}.json`);
      const report = await check(join(bundle, 'runtime.js'), file, isBusy);
      const verdicts = new Map(report.cases.map(({ id, outcome }) => [id, verdictOf(outcome)]));
      first ??= verdicts;
      const problems = [...problemsOf(report), ...differencesBetween(first, verdicts)];
      if (problems.length === 0) agreeing += 1;
      if (run === 1)
        for (const { clause, summary } of report.verdict.findings) console.log(`  ${clause}: ${summary}`);
      const state = problems.length === 0 ? 'ok    ' : 'FAILED';
      console.log(`${state}  run ${run}${isBusy ? ', cores busy' : ''}: ${report.verdict.sentence}`);
      for (const problem of problems) console.log(`        ${problem}`);
    }
    const busy = Math.floor(runs / 2);
    console.log(
      `${agreeing} of ${runs} runs agree on all ${first?.size} cases (${runs - busy} quiet, ${busy} with busy cores)`,
    );
    return agreeing === runs ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function check(program: string, file: string, isBusy: boolean): Promise<JsonReport> {
  const length = isBusy ? availableParallelism() : 0;
  const workers = Array.from({ length }, () => new Worker('for (;;) {}', { eval: true }));
  try {
    const command = `${process.execPath} ${program}`;
    const words = [join(packageRoot(), 'dist/cli/main.js'), '--command', command, '--report', `json=${file}`];
    await $`${process.execPath} ${words}`.quiet().nothrow();
    return JSON.parse(await readFile(file, 'utf8'));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function verdictOf({ kind, failure }: JsonOutcome): CaseVerdict {
  return { kind, ...(failure === undefined ? {} : { summary: failure.summary }) };
}

function problemsOf({ target, verdict }: JsonReport): readonly string[] {
  const { release, origin } = target.contract ?? {};
  return [
    ...(release === '1.0' && origin === 'detected'
      ? []
      : [`release ${release} (${origin}) instead of 1.0 (detected)`]),
    ...(verdict.findings.length <= maxFindings
      ? []
      : [`${verdict.findings.length} findings, over ${maxFindings}`]),
  ];
}
