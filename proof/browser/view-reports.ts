import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { sampleBench } from '../../conformance/bench/testing/sample-bench.ts';
import { renderBenchHtml } from '../../conformance/formats/html/bench-page.ts';
import { changedModule } from '../../conformance/proto-check/testing/changed-module.ts';
import { makeMatrix } from '../harness/matrix.ts';
import type { FaultReport } from '../harness/report.ts';
import { writeFaultReports } from '../harness/report-files.ts';
import { runtimeKind } from '../harness/runtime-subject.ts';
import { tryFault } from '../harness/subject.ts';

/** The kinds of reports other than that of a run. */
export const viewNames = ['matrix', 'compare', 'proto', 'faults', 'bench'] as const;

export type ViewName = (typeof viewNames)[number];

/** HTML reports of real runs, in a temporary folder. Disposing of them removes the folder. */
export interface ViewReports extends AsyncDisposable {
  readonly files: Readonly<Record<ViewName, string>>;
}

/** Few suites, because these reports are about their views. The fault breaks cases of both. */
const suites = ['--suite', 'sessions', '--suite', 'modern-discovery'];
const faulty = 'command:node dist/proof/harness/faulty-runtime.js scope-not-checked';

/**
 * Makes a report of each kind with the commands that users run.
 * @throws Error if a command ends with another exit code than expected
 */
export async function makeViewReports(): Promise<ViewReports> {
  const folder = await mkdtemp(join(tmpdir(), 'html-views-'));
  const fileOf = (name: ViewName): string => join(folder, `${name}.html`);
  const jsonOf = (name: string): string => join(folder, `${name}.json`);
  try {
    const proto = async (): Promise<void> => {
      await using changed = await changedModule('string server_id = 6;', 'string server_id = 16;');
      const words = ['proto', 'check', '--against', 'proto', '--proto', changed.folder];
      const targets = ['--target', 'ts=embedded'];
      await kit(1, [...words, ...targets, ...suites, '--report', `html=${fileOf('proto')}`]);
    };
    const compared = async (): Promise<void> => {
      await Promise.all([
        kit(0, [...suites, '--report', `json=${jsonOf('old')}`]),
        kit(1, [...suites, '--command', faulty.replace('command:', ''), '--report', `json=${jsonOf('new')}`]),
      ]);
      await kit(1, ['compare', jsonOf('old'), jsonOf('new'), '--report', `html=${fileOf('compare')}`]);
    };
    const matrix = async (): Promise<void> => {
      const targets = ['ts=embedded', `faulty=${faulty}`, 'absent=command:/no/such/program'];
      const words = targets.flatMap((target) => ['--target', target]);
      await kit(1, ['matrix', ...words, ...suites, '--report', `html=${fileOf('matrix')}`]);
    };
    const faults = async (): Promise<void> => {
      const html = { format: 'html', path: fileOf('faults') };
      const run = {
        kind: 'runtime',
        startedAt: Date.now(),
        command: 'npm run prove -- runtime scope-*',
      } as const;
      await writeFaultReports([html], await tryFaults(['scope-not-checked', 'scope-trimmed']), run);
    };
    await writeFile(fileOf('bench'), renderBenchHtml(sampleBench()));
    // Alone, because a target that starts slowly beside the others would catch no fault.
    await faults();
    await Promise.all([proto(), compared(), matrix()]);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  const files = Object.fromEntries(viewNames.map((name) => [name, fileOf(name)])) as Record<ViewName, string>;
  return { files, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/**
 * Tries faults against the cases of their clause. Unlike the proof, it does not run the suite without a fault first.
 */
async function tryFaults(names: readonly string[]): Promise<FaultReport> {
  await runtimeKind.prepare?.();
  const subject = await runtimeKind.load();
  const started = performance.now();
  const { signal } = new AbortController();
  const faults = subject.faults.filter(({ name }) => names.includes(name));
  const trials = await Promise.all(
    faults.map((fault) => tryFault(subject, fault, { wholeSuite: false, signal })),
  );
  return {
    about: subject.about,
    expects: 'caught',
    matrix: makeMatrix(
      trials.flatMap((trial) => trial ?? []),
      subject.cases,
    ),
    cases: subject.cases.length,
    untouched: [],
    unobservable: {},
    tellsIdle: false,
    durationMs: performance.now() - started,
  };
}

async function kit(exitCode: number, words: readonly string[]): Promise<void> {
  const run = $({ cwd: packageRoot(), quiet: true, nothrow: true });
  const ended = await run`${process.execPath} dist/cli/main.js ${words}`;
  if (ended.exitCode === exitCode) return;
  const said = `${ended.stdout}${ended.stderr}`.slice(-4_000);
  throw new Error(`${words.slice(0, 3).join(' ')} ended with exit code ${ended.exitCode}: ${said}`);
}
