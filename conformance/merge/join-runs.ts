import type { CaseDocument, RunDocument, TestedDocument } from '../compare/document.ts';
import type { Shard } from '../engine/result.ts';
import { eraDocuments, maxEvidence } from '../formats/json/run.ts';
import { judge, type Verdict } from '../judge/verdict.ts';
import { coverageOf } from '../report/summary.ts';
import { MergeError, requireAll, requireSame, type Sourced, spanOf } from './joinable.ts';
import { clausesFrom, runFrom } from './report-from.ts';

type Part = Sourced<RunDocument>;

/**
 * Merges the shards of one run into the report of the whole run, judged anew. If a shard could not test the target, the
 * whole could not either.
 * @param what names the run in messages
 * @throws MergeError if the parts are not all shards of one run
 */
export function joinRuns(parts: readonly Part[], what: string): RunDocument {
  const [first, second] = parts;
  if (first === undefined) throw new Error('no parts');
  if (second === undefined && first.part.shard === undefined) return first.part;
  for (const { file, part } of parts) {
    if (part.shard !== undefined) continue;
    const other = parts.find((each) => each.file !== file) ?? first;
    throw new MergeError([file, other.file], 'the first is a complete run, not a shard');
  }
  requireSame(parts, ({ tool, settings, shard, target: { label, kind } }) => ({
    tool,
    settings,
    shard: { of: shard?.of, total: shard?.total },
    target: { label, kind },
  }));
  requireAll(parts, shardOf, what);
  const tested = parts.filter((each): each is Sourced<TestedDocument> => each.part.error === undefined);
  const untested = parts.find(({ part }) => part.error !== undefined);
  if (untested !== undefined) return withoutTarget(parts, untested);
  requireSame(tested, ({ target: { contract, eras, health, serverInfo, revision } }) => ({
    target: {
      contract: { release: contract?.release, origin: contract?.origin, hasSessions: contract?.hasSessions },
      eras: { checked: eras?.checked, origin: eras?.origin },
      ...{ health, serverInfo, revision },
    },
  }));
  return joinTested(tested);
}

function shardOf({ shard }: RunDocument): Shard {
  if (shard === undefined) throw new Error('not a shard');
  return shard;
}

function withoutTarget(parts: readonly Part[], { part }: Part): RunDocument {
  if (part.error === undefined) throw new Error('the target was tested');
  const { index, of } = shardOf(part);
  const { shard: _, error, ...head } = part;
  return {
    ...head,
    ...timesOf(parts),
    error: { ...error, message: `Shard ${index}/${of}: ${error.message}` },
  };
}

function timesOf(parts: readonly Part[]): Pick<RunDocument, 'startedAt' | 'durationMs'> {
  const { startedAt, durationMs } = spanOf(parts.map(({ part }) => part));
  return { startedAt: new Date(startedAt).toISOString(), durationMs };
}

function joinTested(parts: readonly Sourced<TestedDocument>[]): TestedDocument {
  const [first] = parts;
  if (first === undefined) throw new Error('no parts');
  const { schemaVersion, tool, settings } = first.part;
  const clauses = clausesFrom(parts.flatMap(({ part }) => part.clauses));
  const draft: TestedDocument = {
    ...{ schemaVersion, tool },
    ...timesOf(parts),
    settings,
    target: joinTargets(parts.map(({ part }) => part)),
    interrupted: parts.find(({ part }) => part.interrupted !== undefined)?.part.interrupted,
    verdict: first.part.verdict,
    eras: [],
    clauses: [],
    cases: joinCases(parts),
  };
  const run = runFrom(draft);
  const ordinals = new Map(
    parts.flatMap(({ part }) => part.clauses.map((each) => [each.clause, each.ordinal])),
  );
  return {
    ...draft,
    verdict: withConfiguration(judge(run), parts),
    eras: eraDocuments(run, clauses) as TestedDocument['eras'],
    clauses: coverageOf(run, clauses).map(({ cases, ...each }) => ({
      ...each,
      ordinal: ordinals.get(each.clause),
      cases,
    })),
  };
}

/** Merges the facts about the target. The parts agree, except for times and the cases left out. */
function joinTargets(documents: readonly TestedDocument[]): TestedDocument['target'] {
  const targets = documents.map(({ target }) => target);
  const [first] = targets;
  if (first === undefined) throw new Error('no targets');
  const sum = (amounts: readonly (number | undefined)[]) =>
    amounts.reduce<number>((total, amount = 0) => total + amount, 0);
  const { contract, eras } = first;
  const readyMs = targets.flatMap((target) => target.readyMs ?? []);
  return {
    ...first,
    ...(contract && {
      contract: { ...contract, leftOut: sum(targets.map((target) => target.contract?.leftOut)) },
    }),
    ...(eras && { eras: { ...eras, leftOut: sum(targets.map((target) => target.eras?.leftOut)) } }),
    surveyProblem: targets.find(({ surveyProblem }) => surveyProblem !== undefined)?.surveyProblem,
    ...(readyMs.length > 0 && { readyMs: Math.max(...readyMs) }),
  };
}

/** Returns the cases of all parts in the order of the selection, in bounded size. */
function joinCases(parts: readonly Sourced<TestedDocument>[]): readonly CaseDocument[] {
  const files = new Map<string, string>();
  const places = new Map<number, string>();
  for (const { file, part } of parts) {
    for (const { id, ordinal = 0 } of part.cases) {
      const earlier = files.get(id) ?? files.get(places.get(ordinal) ?? '');
      if (earlier !== undefined) {
        const reason = files.has(id)
          ? `both have the case ${id}`
          : `both have a case with the ordinal ${ordinal}`;
        throw new MergeError([earlier, file], reason);
      }
      files.set(id, file);
      places.set(ordinal, id);
    }
  }
  let evidence = 0;
  return parts
    .flatMap(({ part }) => part.cases)
    .sort((one, other) => (one.ordinal ?? 0) - (other.ordinal ?? 0))
    .map(({ ordinal: _, ...each }) => {
      const { wire, logs, evidenceLeftOut } = each;
      // The whole run would have reached the limit at this case as well.
      evidence += evidenceLeftOut ? maxEvidence : JSON.stringify({ wire, logs }).length;
      return evidence <= maxEvidence ? each : { ...each, wire: [], logs: [], evidenceLeftOut: true };
    });
}

/** Takes the advised lines of the configuration file from the parts, because reports lack the data to derive them. */
function withConfiguration(verdict: Verdict, parts: readonly Sourced<TestedDocument>[]): Verdict {
  const advice = new Map<string, string>();
  for (const { reason, cases, configuration } of parts.flatMap(({ part }) => part.verdict.uncovered)) {
    const [first] = cases;
    if (first !== undefined && configuration !== undefined) advice.set(`${first} ${reason}`, configuration);
  }
  return {
    ...verdict,
    uncovered: verdict.uncovered.map((gap) => {
      const configuration = advice.get(`${gap.cases[0]} ${gap.reason}`);
      return configuration === undefined ? gap : { ...gap, configuration };
    }),
  };
}
