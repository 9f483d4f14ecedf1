import type {
  CaseDocument,
  ClauseDocument,
  OutcomeDocument,
  RunDocument,
  TestedDocument,
} from '../compare/document.ts';
import type { CaseOutcome, CaseResult, RunResult, RunSettings } from '../engine/result.ts';
import { judge } from '../judge/verdict.ts';
import type { Report, ReportedClause, ReportedClauses } from '../report/report.ts';

/**
 * Restores a report from its JSON form, for a new verdict on merged results. The JSON form has all parts of a
 * result that a verdict depends on, but not the texts of the clauses.
 */
export function reportFrom(document: RunDocument): Report {
  const { tool, target, startedAt, durationMs } = document;
  const settings = settingsFrom(document);
  if (document.error !== undefined) {
    const logs = logsFrom(document.error.logs);
    const error = { ...document.error, logs };
    return { kind: 'no-target', tool, target, settings, startedAt: Date.parse(startedAt), durationMs, error };
  }
  const run = runFrom(document);
  const byId = new Map(document.cases.map((each) => [each.id, each]));
  return {
    kind: 'run',
    tool,
    run,
    verdict: judge(run),
    clauses: clausesFrom(document.clauses),
    rerun: (id = '') => (byId.get(id) as { readonly rerun?: string } | undefined)?.rerun ?? '',
  };
}

/** Restores the result of a run. */
export function runFrom(document: TestedDocument): RunResult {
  const { target, cases, startedAt, durationMs, interrupted } = document;
  return {
    settings: settingsFrom(document),
    target,
    results: cases.map(resultFrom),
    startedAt: Date.parse(startedAt),
    durationMs,
    interrupted,
  };
}

function settingsFrom({ settings, shard }: RunDocument): RunSettings {
  // Reports before 1.3 have the level `gateway`, which had no strict clauses.
  const level = settings.level === 'gateway' ? 'core' : settings.level;
  return { ...settings, level, ...(shard && { shard }) };
}

/**
 * Restores the clauses that the contract has, in the order of the contract if the report is of version 1.5 or later.
 */
export function clausesFrom(documents: readonly ClauseDocument[]): ReportedClauses {
  const byId = new Map<string, ReportedClause & { readonly ordinal: number }>();
  for (const { clause: id, level, weight, ordinal = byId.size } of documents) {
    if (level === 'unknown' || byId.has(id)) continue;
    byId.set(id, { id, level, weight, text: '', ordinal } as ReportedClause & { readonly ordinal: number });
  }
  const inOrder = [...byId.values()].sort((one, other) => one.ordinal - other.ordinal);
  return new Map(inOrder.map(({ ordinal: _, ...clause }) => [clause.id, clause]));
}

function resultFrom(document: CaseDocument): CaseResult {
  const { outcome, knownFailure, attempts, startedAt, durationMs, wire, logs, ...head } = document;
  const { id, suite, title, clauses, level, revisions, source, advisory, reliesOn, transport } = head;
  return {
    case: {
      ...{ id, suite, title, clauses, level, revisions, source, advisory, reliesOn, transport },
      needs: {},
      alone: false,
      deadlineMs: 0,
    },
    outcome: outcomeFrom(outcome),
    attempts,
    known: knownFailure,
    startedAt: Date.parse(startedAt),
    durationMs,
    wire,
    logs: logsFrom(logs),
  };
}

function outcomeFrom(outcome: OutcomeDocument): CaseOutcome {
  if (outcome.kind !== 'failed' && outcome.kind !== 'blocked') return outcome;
  const { clauses = [], ...failure } = outcome.failure;
  return { ...outcome, failure: { ...failure, clauses } };
}

function logsFrom(logs: CaseDocument['logs']): CaseResult['logs'] {
  return logs.map(({ at, stream, text }) => ({
    at: Date.parse(at),
    stream: stream === 'stdout' ? 'stdout' : 'stderr',
    text,
  }));
}
