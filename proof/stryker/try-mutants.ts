import type { DataCase } from '../../conformance/index.ts';
import type { Coverage } from './coverage.ts';
import type { Mutant } from './instrument.ts';
import { listedReason } from './listed.ts';
import type { MutantLog } from './mutant-log.ts';
import type { Detection } from './trial.ts';
import { Worker } from './worker.ts';

/** A finished trial. */
export interface Trial {
  readonly mutant: Mutant;
  readonly detection: Detection | undefined;
  /** Whether any case reaches the mutant. */
  readonly reached: boolean;
}

/** The suite, its coverage, and the limits of a run. */
export interface TrialPlan {
  readonly cases: readonly DataCase[];
  /** Contains the coverage and the finished trials, and records new trials. */
  readonly log: MutantLog;
  /** Number of concurrent trials. */
  readonly together: number;
  readonly signal: AbortSignal;
}

/** Number of trials before a new worker process starts. Each trial loads the runtime anew. */
const trialsPerWorker = 40;

/** Tries mutants concurrently until the queue is empty or the signal aborts. Shows progress on a terminal. */
export async function tryMutants(mutants: readonly Mutant[], plan: TrialPlan): Promise<readonly Trial[]> {
  const trials = new Map<string, Trial>();
  // Listed mutants run last, because they probably survive, and a surviving mutant takes the longest.
  const isListed = (mutant: Mutant) => listedReason(mutant) !== undefined;
  const queue = [...mutants.filter((each) => !isListed(each)), ...mutants.filter(isListed)];
  const lane = async () => {
    while (queue.length > 0 && !plan.signal.aborted) {
      using worker = new Worker();
      for (let left = trialsPerWorker; left > 0 && worker.isUsable && !plan.signal.aborted; left -= 1) {
        const mutant = queue.shift();
        if (mutant === undefined) return;
        trials.set(mutant.id, await tryMutant(mutant, plan, worker));
        if (process.stderr.isTTY) process.stderr.write(`\r${trials.size} of ${mutants.length} `);
      }
    }
  };
  await Promise.all(Array.from({ length: plan.together }, lane));
  return mutants.flatMap(({ id }) => trials.get(id) ?? []);
}

async function tryMutant(mutant: Mutant, plan: TrialPlan, worker: Worker): Promise<Trial> {
  const { cases, log } = plan;
  const { id } = mutant;
  const kept = log.find(id);
  if (kept?.detection !== undefined) return { mutant, detection: kept.detection, reached: true };
  const reached = log.covered?.coverage.reached.includes(id) ?? true;
  const untried = cases.filter((testCase) => kept?.tried.has(log.digestOf(testCase)) !== true);
  const able = reached ? untried : untried.filter((testCase) => isUncovered(testCase, log));
  if (able.length === 0) return { mutant, detection: undefined, reached };
  const detection = await detect(id, { cases: able, log }, worker);
  await log.keep(id, detection);
  return { mutant, detection, reached: reached || detection !== undefined };
}

/** Returns whether the coverage does not include a case. The case may then reach any mutant. */
function isUncovered(testCase: DataCase, log: MutantLog): boolean {
  return log.covered?.digests.has(log.digestOf(testCase)) !== true;
}

/**
 * Runs the cases that reach a mutant against a hosted runtime, those that reach the fewest mutants first. If they all
 * pass, runs the cases that need a process of its own, such as those that start further instances. If an error was not
 * handled in the hosted runtime, all cases run against that process, because the error ends it.
 */
async function detect(
  mutant: string,
  { cases, log }: Pick<TrialPlan, 'cases' | 'log'>,
  worker: Worker,
): Promise<Detection | undefined> {
  const coverage = log.covered?.coverage;
  const casesOf = coverage?.casesOf ?? {};
  const hits = coverage?.hits ?? {};
  const reaching = casesOf[mutant];
  const breadths = breadthsOf(casesOf);
  const hosted = cases
    .filter(({ needs }) => needs.runner === undefined)
    .filter((each) => reaching === undefined || reaching.includes(each.id) || isUncovered(each, log))
    .map(({ id }) => id)
    .toSorted((one, other) => (breadths.get(one) ?? 0) - (breadths.get(other) ?? 0));
  const hitLimit = (hits[mutant] ?? 0) * 10 + 1_000_000;
  let crashed = false;
  if (hosted.length > 0) {
    const answer = await worker.carryOut({ kind: 'hosted', mutant, cases: hosted, hitLimit });
    if (answer.detection !== undefined) return answer.detection;
    crashed = answer.crashed === true;
  }
  const others = cases.filter(({ needs }) => needs.runner !== undefined).map(({ id }) => id);
  const inProcess = crashed ? [...hosted, ...others] : others;
  if (inProcess.length === 0) return undefined;
  return (await worker.carryOut({ kind: 'process', mutant, cases: inProcess })).detection;
}

/** Returns the number of mutants that each case reaches. */
function breadthsOf(casesOf: Coverage['casesOf']): ReadonlyMap<string, number> {
  const breadths = new Map<string, number>();
  for (const id of Object.values(casesOf).flat()) breadths.set(id, (breadths.get(id) ?? 0) + 1);
  return breadths;
}
