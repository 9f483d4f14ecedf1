import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { createSocketRunner, type DataCase, type RunResult } from '../../conformance/index.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { runtimeFaults, variations } from '../faults/index.ts';
import type { RuntimeFault } from './fault.ts';
import { runCases, runCommand } from './run-cases.ts';
import { createChanged } from './start-runtime.ts';
import type { Kind, Subject } from './subject.ts';

type RuntimeSubject = Subject<RuntimeFault, DataCase>;

/** `faulty-runtime.ts` in few files: the modules of the libraries are most of what a start costs. */
const bundle = join(packageRoot(), 'dist', 'proof', 'bundled');

async function prepare(): Promise<void> {
  const program = join(packageRoot(), 'dist', 'proof', 'harness', 'faulty-runtime.js');
  await $`${process.execPath} ${join(packageRoot(), 'bundle.mjs')} ${program} ${bundle}`.quiet();
}

/** Faults of the reference runtime. */
export const runtimeKind: Kind = {
  about: 'faults of the reference runtime: a case of the clause has to catch each',
  prepare,
  load: () =>
    load({
      about: [
        'Each mutant is the reference runtime with one fault, outside its production code (`proof/faults/runtime/`). `npm run',
        'prove -- runtime --whole-suite` holds each against the suite; this page is what it found. Cases that start further',
        'instances of the target meet only the mutants of their clauses.',
      ],
      faults: runtimeFaults,
      caseTimeoutMs: 3000,
      isMet: meetsClause,
    }),
};

/** Permitted variations of the reference runtime. */
export const variationKind: Kind = {
  about: 'permitted variations of the reference runtime: the whole suite has to pass each',
  prepare,
  load: () =>
    load({
      about: [
        'Each variation is the reference runtime with one difference that the contract permits (`proof/faults/variations/`).',
        '`npm run prove -- variations` holds each against the whole suite, which has to pass it; this page is what it found.',
      ],
      faults: variations,
      caseTimeoutMs: 20_000,
      // Any case may raise a false alarm. Those that need further instances are for variations of the process alone.
      isMet: ({ needs }, { process: ownBehaviour }) =>
        ownBehaviour !== undefined || needs.runner === undefined,
    }),
};

/**
 * Whether a fault meets a case: one of its clause, or any of the whole suite. Cases that start further instances cost
 * more than all others together, so only faults of their clauses meet them.
 */
export function meetsClause(
  { clauses, needs }: DataCase,
  { clause }: Pick<RuntimeFault, 'clause'>,
  wholeSuite: boolean,
): boolean {
  return clauses.includes(clause) || (wholeSuite && needs.runner?.includes('launch') !== true);
}

async function load({
  isMet,
  ...facts
}: Pick<RuntimeSubject, 'about' | 'faults' | 'caseTimeoutMs'> & {
  readonly isMet: (testCase: DataCase, fault: RuntimeFault, wholeSuite: boolean) => boolean;
}): Promise<RuntimeSubject> {
  const { cases, identities } = await loadOwnFixtures();
  return {
    ...facts,
    cases,
    together: availableParallelism(),
    casesFor: (fault, wholeSuite) => cases.filter((testCase) => isMet(testCase, fault, wholeSuite)),
    check(fault, options) {
      const all = { ...options, identities, concurrency: 8 };
      if (fault !== undefined && !needsProcess(fault)) return checkHosted(fault, all);
      const words = [process.execPath, join(bundle, 'faulty-runtime.js'), fault?.name ?? 'none'] as const;
      return runCommand([...words], { MCP_RUNTIME_LOG_LEVEL: 'silent' }, all);
    },
  };
}

/** Whether a fault shows only in a process of its own. */
function needsProcess({ clause, expects, process: ownBehaviour }: RuntimeFault): boolean {
  return ownBehaviour !== undefined || (expects === 'caught' && /^(LIFE|HEALTH)-|^AUTH-11$/.test(clause));
}

/** In this process: starting a process for each fault is most of what a trial would cost. */
async function checkHosted(fault: RuntimeFault, options: Parameters<typeof runCases>[1]): Promise<RunResult> {
  await using place = await makeFolderPlace();
  const runtime = createChanged(fault);
  try {
    await runtime.listen(place.hostPath);
    await using runner = createSocketRunner({ path: place.hostPath });
    return await runCases(runner, options);
  } finally {
    await runtime.close({ drainMs: 1 });
  }
}
