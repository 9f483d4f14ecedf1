import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import {
  createCommandRunner,
  createSocketRunner,
  type DataCase,
  type FixtureSet,
  type Runner,
  type RunResult,
  runSuite,
} from '../../conformance/index.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { runtimeFaults, variations } from '../faults/index.ts';
import type { RuntimeFault } from './fault.ts';
import { createChanged } from './start-runtime.ts';
import type { CheckOptions, Subject } from './subject.ts';

type RuntimeSubject = Subject<RuntimeFault, DataCase>;

/** `faulty-runtime.ts` in few files: the modules of the libraries are most of what a start costs. */
export const bundledProgram = join('dist', 'proof', 'bundled', 'faulty-runtime.js');

/** The reference runtime, with the faults that a case of their clause has to catch. */
export async function loadRuntimeSubject(): Promise<RuntimeSubject> {
  const suite = await loadOwnFixtures();
  return {
    about: [
      'Each mutant is the reference runtime with one fault, outside its production code (`proof/faults/runtime/`). `npm run',
      'prove -- runtime --whole-suite` holds each against the suite; this page is what it found. Cases that start further',
      'instances of the target meet only the mutants of their clauses.',
    ],
    faults: runtimeFaults,
    cases: suite.cases,
    caseTimeoutMs: 3000,
    together: availableParallelism(),
    casesFor: ({ clause }, wholeSuite) => casesOfClause(suite.cases, clause, wholeSuite),
    check: (fault, options) => check(suite, fault, options),
  };
}

/** The reference runtime, with the variations that every case has to pass. */
export async function loadVariationSubject(): Promise<RuntimeSubject> {
  const suite = await loadOwnFixtures();
  return {
    about: [
      'Each variation is the reference runtime with one difference that the contract permits (`proof/faults/variations/`).',
      '`npm run prove -- variations` holds each against the whole suite, which has to pass it; this page is what it found.',
    ],
    faults: variations,
    cases: suite.cases,
    caseTimeoutMs: 20_000,
    together: availableParallelism(),
    // Whatever the variation, any case may raise a false alarm. Further instances are for variations of the process alone.
    casesFor: ({ process: ownProcess }) =>
      suite.cases.filter(({ needs }) => ownProcess !== undefined || needs.runner === undefined),
    check: (fault, options) => check(suite, fault, options),
  };
}

/**
 * The cases of a clause, or of the whole suite. Those that start further instances cost more than all others together,
 * so only faults of their clauses meet them.
 */
export function casesOfClause(
  cases: readonly DataCase[],
  clause: string,
  wholeSuite: boolean,
): readonly DataCase[] {
  return cases.filter(
    ({ clauses, needs }) =>
      clauses.includes(clause) || (wholeSuite && needs.runner?.includes('launch') !== true),
  );
}

/** Runs cases of the suite against a runner. */
export function runCases(
  runner: Runner,
  { identities }: FixtureSet,
  options: CheckOptions<DataCase>,
): Promise<RunResult> {
  return runSuite({
    runner,
    identities,
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: true },
    concurrency: 8,
    bail: false,
    keepWire: false,
    knownFailures: new Map(),
    listener: {},
    ...options,
  });
}

async function check(
  suite: FixtureSet,
  fault: RuntimeFault | undefined,
  options: CheckOptions<DataCase>,
): Promise<RunResult> {
  await using target =
    fault === undefined || needsProcess(fault) ? ownProcess(fault?.name ?? 'none') : await hosted(fault);
  return await runCases(target.runner, suite, options);
}

/** Whether a fault shows only in a process of its own. */
function needsProcess({ clause, expects, process: ownBehaviour }: RuntimeFault): boolean {
  return ownBehaviour !== undefined || (expects === 'caught' && /^(LIFE|HEALTH)-|^AUTH-11$/.test(clause));
}

interface Target extends AsyncDisposable {
  readonly runner: Runner;
}

function ownProcess(name: string): Target {
  const runner = createCommandRunner({
    command: JSON.stringify(process.execPath),
    args: [join(packageRoot(), bundledProgram), name],
    environment: { MCP_RUNTIME_LOG_LEVEL: 'silent' },
    graceMilliseconds: 200,
  });
  return { runner, [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose]() };
}

/** The runtime in this process: starting a process for each fault is most of what a trial would cost. */
async function hosted(fault: RuntimeFault): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'fault-'));
  const path = join(folder, 'runtime.sock');
  const runtime = createChanged(fault);
  await runtime.listen(path);
  const runner = createSocketRunner({ path });
  return {
    runner,
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]();
      await runtime.close({ drainMs: 1 });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
