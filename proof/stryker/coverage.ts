import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataCase } from '../../conformance/index.ts';
import { runCommand } from '../harness/run-cases.ts';
import { programFile } from './instrumented-build.ts';
import { coverageVariable, reachedMutants, strykerNamespace } from './mutation-switch.ts';
import { type TrialCases, withHosted } from './trial.ts';

/** The mutants that the suite reaches, by id. */
export interface Coverage {
  /** The cases that reach each mutant in a hosted runtime. */
  readonly casesOf: Readonly<Record<string, readonly string[]>>;
  /** How often a run of these cases reaches each mutant. */
  readonly hits: Readonly<Record<string, number>>;
  /** All mutants that are reached, also while the runtime starts or in a process of its own. */
  readonly reached: readonly string[];
  /** Cases that fail against the instrumented runtime without any mutant. They detect nothing. */
  readonly failing: readonly string[];
}

/** The name for counting the mutants that the runtime reaches before the first case. */
const beforeCases = 'start';

/** Runs the suite without a mutant: the cases one by one in this process, then all of them against a process. */
export async function coverSuite(all: TrialCases): Promise<Coverage> {
  const namespace = strykerNamespace();
  const hosted = all.cases.filter(({ needs }) => needs.runner === undefined);
  const patience = { bail: undefined, caseTimeoutMs: 30_000, readyTimeoutMs: 30_000 };
  const listener = {
    onCaseStart: ({ id }: Pick<DataCase, 'id'>) => {
      namespace.currentTestId = id;
    },
  };
  const alone = await withHosted(undefined, (run) => {
    namespace.currentTestId = beforeCases;
    return run({ ...all, cases: hosted }, { ...patience, concurrency: 1, listener });
  });
  const { perTest = {} } = namespace.mutantCoverage ?? {};
  const casesOf: Record<string, string[]> = {};
  const hits: Record<string, number> = {};
  for (const [id, counts] of Object.entries(perTest)) {
    for (const [mutant, count] of Object.entries(counts)) {
      hits[mutant] = (hits[mutant] ?? 0) + count;
      if (id === beforeCases) continue;
      casesOf[mutant] ??= [];
      casesOf[mutant].push(id);
    }
  }
  const file = join(tmpdir(), `stryker-coverage-${process.pid}`);
  const environment = { MCP_RUNTIME_LOG_LEVEL: 'silent', [coverageVariable]: file };
  const whole = await runCommand([process.execPath, programFile], environment, { ...all, ...patience });
  const elsewhere = (await readFile(file, 'utf8')).split('\n').filter((id) => id !== '');
  await rm(file);
  const failing = [...alone.results, ...whole.results]
    .filter(({ outcome: { kind } }) => kind === 'failed' || kind === 'blocked')
    .map((result) => result.case.id);
  return {
    casesOf,
    hits,
    reached: [...new Set([...reachedMutants(), ...elsewhere])],
    failing: [...new Set(failing)],
  };
}
