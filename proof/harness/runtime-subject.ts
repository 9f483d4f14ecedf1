import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { erasOf } from '../../conformance/case/era.ts';
import { lengthOf } from '../../conformance/drivers/runtime/case-order.ts';
import { createSocketRunner, type DataCase, type RunResult } from '../../conformance/index.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import type { Transport } from '../../runners/runner.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { runtimeFaults, variations } from '../faults/index.ts';
import type { RuntimeFault } from './fault.ts';
import { runCases, runCommand } from './run-cases.ts';
import { createChanged } from './start-runtime.ts';
import type { Kind, Subject } from './subject.ts';

type RuntimeSubject = Subject<RuntimeFault, DataCase>;

/** Folder of the bundled `faulty-runtime.ts`. Loading separate library modules would dominate the start time. */
const bundle = join(packageRoot(), 'dist', 'proof', 'bundled');

async function prepare(): Promise<void> {
  const program = join(packageRoot(), 'dist', 'proof', 'harness', 'faulty-runtime.js');
  await $`${process.execPath} ${join(packageRoot(), 'bundle.mjs')} ${program} ${bundle}`.quiet();
}

/** Faults of the reference runtime. */
export const runtimeKind: Kind = {
  about: 'faults of the reference runtime, each caught by a case of its clause',
  prepare,
  load: () =>
    load({
      about: [
        'Each fault is a deliberate defect of the reference runtime, outside its production code (`proof/faults/runtime/`). This',
        'page records a run of `npm run prove -- runtime`, which runs the cases of its clause against each fault. With',
        '`--whole-suite`, all cases run, except that cases which start further instances need a fault of their clauses,',
        'and long cases a fault of their chapters.',
      ],
      faults: runtimeFaults,
      caseTimeoutMs: 3000,
      isMet: meetsClause,
    }),
};

/** Permitted variations of the reference runtime. */
export const variationKind: Kind = {
  about: 'permitted variations of the reference runtime, each passed by every case that it may concern',
  prepare,
  load: () =>
    load({
      about: [
        'Each variation is a difference of the reference runtime that the contract permits (`proof/faults/variations/`). This',
        'page records a run of `npm run prove -- variations`, which runs the cases that a variation may concern: those of',
        'its chapter, and an eighth of the others, another eighth for each variation.',
      ],
      faults: variations,
      caseTimeoutMs: 20_000,
      // Any case may raise a false alarm. Cases that start further instances run only against variations of the
      // process.
      isMet: (testCase, variation, { wholeSuite, turn }) =>
        (variation.process !== undefined || testCase.needs.runner === undefined) &&
        (wholeSuite || mayConcern(testCase, variation, turn % shares === 0)),
    }),
};

/**
 * Each case of another chapter runs against one of this many variations in a row. Hundreds of variations make a false
 * alarm that depends on a single pair of them unlikely.
 */
const shares = 8;
/** Estimated length, in milliseconds, from which a case is long. */
const longCase = 40;
/** Chapters whose clauses bind only legacy revisions. */
const legacyChapters: ReadonlySet<string> = new Set(['INIT', 'SESSION', 'RESUME', 'MCP']);

/**
 * Returns whether a case runs against a variation that may change its result: the case checks a clause of the same
 * chapter, or has its turn, is of an era that the variation changes, and is not long.
 */
export function mayConcern(
  testCase: Pick<DataCase, 'clauses' | 'revisions' | 'steps'>,
  { clause }: Pick<RuntimeFault, 'clause'>,
  isTurn: boolean,
): boolean {
  const chapter = chapterOf(clause);
  if (isOfChapter(testCase, chapter)) return true;
  if (!isTurn || lengthOf(testCase) >= longCase) return false;
  const eras = erasOf(testCase);
  if (chapter === 'MODERN') return eras.includes('modern');
  return eras.includes('legacy') || !legacyChapters.has(chapter);
}

function isOfChapter({ clauses }: Pick<DataCase, 'clauses'>, chapter: string): boolean {
  return clauses.some((id) => chapterOf(id) === chapter);
}

function chapterOf(clause: string): string {
  return clause.split('-')[0] ?? clause;
}

/**
 * Returns whether a case runs against a fault. The case must have the clause of the fault, unless the whole suite runs.
 * Cases that start further instances take longer than all others together, so they run only against faults of their
 * clauses. Long cases, most of which call one method hundreds of times, run only against faults of their chapters.
 */
export function meetsClause(
  testCase: Pick<DataCase, 'clauses' | 'needs' | 'steps'>,
  { clause }: Pick<RuntimeFault, 'clause'>,
  { wholeSuite }: Pick<PlannedTrial, 'wholeSuite'>,
): boolean {
  if (testCase.clauses.includes(clause)) return true;
  if (!wholeSuite || testCase.needs.runner?.includes('launch') === true) return false;
  return lengthOf(testCase) < longCase || isOfChapter(testCase, chapterOf(clause));
}

/** Which cases a trial is to have. */
interface PlannedTrial {
  readonly wholeSuite: boolean;
  /** The place of the case in the suite plus that of the fault in its list. */
  readonly turn: number;
}

async function load({
  isMet,
  ...facts
}: Pick<RuntimeSubject, 'about' | 'faults' | 'caseTimeoutMs'> & {
  readonly isMet: (testCase: DataCase, fault: RuntimeFault, trial: PlannedTrial) => boolean;
}): Promise<RuntimeSubject> {
  const { cases, identities } = await loadOwnFixtures();
  return {
    ...facts,
    cases,
    // Trials wait for deadlines and expiries, so one more than there are cores keeps the cores busy.
    together: availableParallelism() + 1,
    casesFor(fault, wholeSuite) {
      const place = facts.faults.indexOf(fault);
      return cases.filter((testCase, index) => isMet(testCase, fault, { wholeSuite, turn: place + index }));
    },
    check(fault, options) {
      const transport = transportOf(fault);
      const all = { ...options, identities, transport, concurrency: 8 };
      if (fault !== undefined && !needsProcess(fault)) return checkHosted(fault, all);
      const words = [process.execPath, join(bundle, 'faulty-runtime.js'), fault?.name ?? 'none'] as const;
      return runCommand([...words], { MCP_RUNTIME_LOG_LEVEL: 'silent' }, all);
    },
  };
}

/** Returns the protocol over which a fault shows. */
function transportOf(fault: RuntimeFault | undefined): Transport {
  return fault?.clause.startsWith('HTTP-') ? 'http' : 'grpc';
}

/** Returns whether a fault is observable only in a separate process. */
function needsProcess({ clause, expects, process: ownBehaviour }: RuntimeFault): boolean {
  return (
    ownBehaviour !== undefined ||
    (expects === 'caught' && /^(LIFE|HEALTH)-|^AUTH-11$|^HTTP-(1|10)$/.test(clause))
  );
}

/** Runs cases against a fault in this process, because starting a process would dominate the trial time. */
async function checkHosted(fault: RuntimeFault, options: Parameters<typeof runCases>[1]): Promise<RunResult> {
  await using place = await makeFolderPlace();
  const runtime = createChanged(fault);
  const { transport } = options;
  try {
    await (transport === 'http' ? runtime.listenHttp(place.hostPath) : runtime.listen(place.hostPath));
    await using runner = createSocketRunner({ path: place.hostPath, transport });
    return await runCases(runner, options);
  } finally {
    await runtime.close({ drainMs: 1 });
  }
}
