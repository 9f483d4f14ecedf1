import { groupBy } from '../../base/group.ts';
import { newestRelease } from '../case/release.ts';
import { roles } from '../case/roles.ts';
import type { TransportChoice } from '../case/transport.ts';
import { isUnstable } from '../engine/attempts.ts';
import type { CaseOutcome, CaseResult, RunResult } from '../engine/result.ts';
import { count as countOf, cut } from '../text/text.ts';
import { type Finding, findingsOf } from './findings.ts';

/** Exit codes: 0 conformant, 1 not conformant, 2 usage or fixture error, 3 the target could not be tested. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface Verdict {
  /**
   * Whether `sentence` claims conformance at the level. Always false for a narrowed run or a shard, even a green one.
   */
  readonly conformant: boolean;
  readonly exitCode: ExitCode;
  /** The verdict in one sentence: `conformant at strict: 182 of 182 cases passed`. */
  readonly sentence: string;
  readonly counts: {
    readonly total: number;
    readonly passed: number;
    /** Failures that count. Known failures, advice and unstable cases are counted separately. */
    readonly failed: number;
    /** Cases whose setup failed. They prove nothing. */
    readonly blocked: number;
    /** Repeated cases that passed in some attempts and failed in others. Each is a failure. */
    readonly unstable: number;
    readonly broken: number;
    readonly skipped: number;
    readonly notDeclared: number;
    readonly notRun: number;
    readonly knownFailures: number;
    readonly advice: number;
  };
  /** Failures by cause, in the order in which to fix them. */
  readonly findings: readonly Finding[];
  /** Cases that prove nothing, grouped by reason. */
  readonly uncovered: readonly Uncovered[];
  /** Cases of undeclared capabilities, by capability. They are not gaps, because capabilities are optional. */
  readonly notDeclared: readonly { readonly capability: string; readonly cases: readonly string[] }[];
  /** Required capabilities that the target does not declare. Each is a failure. */
  readonly missingCapabilities: readonly string[];
  /** Failures that do not count because the known-failures file lists them. */
  readonly known: readonly { readonly case: string; readonly reason: string }[];
  /** Failures that do not count because the main clause of the case is a SHOULD or a MAY (RFC 2119). */
  readonly advice: readonly { readonly case: string; readonly clause: string; readonly summary: string }[];
  /** Cases that passed although the known-failures file lists them. Each is a failure until its entry is removed. */
  readonly stale: readonly string[];
}

/** Cases that prove nothing for the same reason. */
export interface Uncovered {
  readonly reason: string;
  readonly cases: readonly string[];
  /** The line of the configuration file with which these cases would run, with placeholders in capital letters. */
  readonly configuration?: string;
}

/** Maximum length of a failure summary in a verdict, in characters. */
const summaryLength = 600;

/** The parts of a verdict that do not depend on its wording. */
type Facts = Omit<Verdict, 'conformant' | 'exitCode' | 'sentence'>;

/**
 * Judges a run.
 *
 * A run is green (exit code 0) if every case that applies to the target ran and passed. Known failures, failed advice
 * and skipped cases (unless `failOnSkip`) do not count against it, but the sentence mentions them all. A run with a
 * blocked, unstable or broken case, a case that did not run, or no case at all is never green. A narrowed run and a
 * shard can be green but make no claim about the level.
 */
export function judge(run: RunResult): Verdict {
  const facts = gather(run);
  const exitCode = exitCodeOf(run, facts);
  return {
    conformant: exitCode === 0 && !isPart(run),
    exitCode,
    sentence: sentenceOf(run, facts, exitCode),
    ...facts,
  };
}

/** Returns whether a run covers only a part of the cases of its level. */
function isPart({ settings }: RunResult): boolean {
  return settings.narrowed || settings.shard !== undefined;
}

function gather({ results, settings, target }: RunResult): Facts {
  const count = (kind: CaseOutcome['kind']) => results.filter(({ outcome }) => outcome.kind === kind).length;
  const known: Verdict['known'][number][] = [];
  const advice: Verdict['advice'][number][] = [];
  const stale: string[] = [];
  let blocked = 0;
  let failed = 0;
  let unstable = 0;
  for (const result of results) {
    const { case: head, outcome, known: entry } = result;
    if (entry !== undefined && !entry.mayFail && outcome.kind === 'passed') stale.push(head.id);
    if (outcome.kind !== 'failed' && outcome.kind !== 'blocked') continue;
    if (entry !== undefined) known.push({ case: head.id, reason: entry.reason });
    else if (outcome.kind === 'failed' && head.advisory) {
      const summary = cut(outcome.failure.summary, summaryLength);
      advice.push({ case: head.id, clause: outcome.failure.clauses[0] ?? '', summary });
    } else if (isUnstable(result)) unstable += 1;
    else if (outcome.kind === 'blocked') blocked += 1;
    else failed += 1;
  }
  const declared = target.health?.capabilities ?? [];
  return {
    counts: {
      total: results.length,
      passed: count('passed'),
      failed,
      blocked,
      unstable,
      broken: count('broken'),
      skipped: count('skipped'),
      notDeclared: count('not-declared'),
      notRun: count('not-run'),
      knownFailures: known.length,
      advice: advice.length,
    },
    findings: findingsOf(results),
    uncovered: group(results, reasonUncovered).map(([reason, cases]) => ({
      reason,
      cases,
      ...configurationFor(results.find(({ case: { id } }) => id === cases[0])?.outcome),
    })),
    notDeclared: group(results, capabilityNotDeclared).map(([capability, cases]) => ({ capability, cases })),
    missingCapabilities: [...new Set(settings.capabilities)].filter((name) => !declared.includes(name)),
    known,
    advice,
    stale,
  };
}

function capabilityNotDeclared({ outcome }: CaseResult): string | undefined {
  return outcome.kind === 'not-declared' ? outcome.capability : undefined;
}

function configurationFor(outcome: CaseOutcome | undefined): Pick<Uncovered, 'configuration'> {
  const role = outcome?.kind === 'skipped' ? outcome.role : undefined;
  return role === undefined ? {} : { configuration: roles[role].configuration };
}

function reasonUncovered({ outcome }: CaseResult): string | undefined {
  switch (outcome.kind) {
    case 'skipped':
      return outcome.reason;
    case 'broken':
      return `broken (the kit could not run the case): ${outcome.reason.split('\n')[0]}`;
    case 'not-run':
      return `not run: ${outcome.reason}`;
    case 'blocked':
    case 'failed':
    case 'passed':
    case 'not-declared':
      return undefined;
  }
}

/** Groups case ids by key, the largest group first. Groups of equal size keep the order of the cases. */
function group(
  results: readonly CaseResult[],
  keyOf: (result: CaseResult) => string | undefined,
): readonly (readonly [string, readonly string[]])[] {
  const groups = [...groupBy(results, keyOf)].sort(([, a], [, b]) => b.length - a.length);
  return groups.map(([key, members]) => [key, members.map((each) => each.case.id)]);
}

function exitCodeOf(run: RunResult, facts: Facts): ExitCode {
  const { counts } = facts;
  if (
    counts.failed + counts.blocked + counts.unstable > 0 ||
    facts.stale.length > 0 ||
    facts.missingCapabilities.length > 0
  )
    return 1;
  if (counts.skipped > 0 && run.settings.failOnSkip) return 1;
  if (counts.broken > 0 || counts.notRun > 0 || run.interrupted !== undefined) return 3;
  if (counts.passed + counts.knownFailures + counts.advice === 0) return 3;
  // Known failures alone do not make a target conformant.
  if (counts.passed === 0 && !isPart(run)) return 1;
  return 0;
}

function sentenceOf(run: RunResult, facts: Facts, exitCode: ExitCode): string {
  const { narrowed, failOnSkip, shard } = run.settings;
  const level = claimOf(run);
  const { counts } = facts;
  const held = counts.total - counts.notDeclared;
  const ofShard = shard === undefined ? '' : ` of shard ${shard.index}/${shard.of}`;
  const cases = `${narrowed ? 'selected cases' : 'cases'}${ofShard}`;
  const skipped = some(counts.skipped, `${counts.skipped} skipped`);
  const advice = some(counts.advice, `${counts.advice} against advice`);
  const known = some(counts.knownFailures, countOf(counts.knownFailures, 'known failure'));
  const passed = `${counts.passed} of ${held} ${cases} passed`;

  if (exitCode === 0) {
    const times = run.settings.repeat === undefined ? '' : ` in each of ${run.settings.repeat} rounds`;
    if (isPart(run)) return [`${passed}${times}`, ...known, ...advice, ...skipped].join(', ');
    const limits = [
      ...some(known.length, ` except for ${known.join()}`),
      ...some(skipped.length, ' in the cases that ran'),
    ].join(',');
    return [`conformant ${level}${limits}: ${passed}${times}`, ...advice, ...skipped].join(', ');
  }

  const gaps = [
    ...some(counts.broken, `${counts.broken} broken`),
    ...some(counts.notRun, `${counts.notRun} not run`),
    ...(run.interrupted === undefined ? [] : [`stopped early: ${run.interrupted}`]),
  ];
  if (exitCode === 3 && gaps.length > 0) {
    const head = isPart(run) ? 'incomplete' : `no verdict ${level}`;
    return [`${head}: ${gaps.join(', ')}`, passed, ...known, ...advice, ...skipped].join(', ');
  }
  if (exitCode === 3) {
    const why = [...skipped, ...some(counts.notDeclared, `${counts.notDeclared} not declared`)];
    return `no cases${ofShard} ran: ${why.join(', ') || 'the selection is empty'}`;
  }

  const stale = facts.stale.length;
  const unstable = `${counts.unstable} of ${held} ${cases} unstable`;
  const failures = [
    ...some(counts.failed, `${counts.failed} of ${held} ${cases} failed`),
    ...some(counts.unstable, counts.failed > 0 ? `${counts.unstable} unstable` : unstable),
    ...some(counts.blocked, `${counts.blocked} blocked`),
    ...facts.missingCapabilities.map((name) => `required capability ${name} is not declared`),
    ...some(stale, countOf(stale, 'stale known failure')),
  ];
  const unmet = failOnSkip ? some(counts.skipped, `${counts.skipped} skipped (--fail-on-skip)`) : skipped;
  const said = [...(failures.length > 0 ? failures : [passed]), ...known, ...advice, ...unmet, ...gaps];
  return isPart(run) ? said.join(', ') : `not conformant ${level}: ${said.join(', ')}`;
}

/**
 * Returns the claim of a verdict: `at strict`, `at strict over HTTP`, `as a gateway at core`. It names an era
 * if the legacy era was not checked, or if the request left out an era.
 */
function claimOf({ settings, target: { kind, contract, eras } }: RunResult): string {
  const role = kind === 'gateway' ? 'as a gateway ' : '';
  const isOlder = contract !== undefined && contract.release !== newestRelease;
  const [only, other] = eras?.checked ?? [];
  const isLimited =
    other === undefined && (only === 'modern' || (only === 'legacy' && settings.era === only));
  const era = isLimited ? ` in the ${only} era` : '';
  return `${role}at ${settings.level}${protocols[settings.transport ?? 'grpc']}${isOlder ? ` with contract ${contract.release}` : ''}${era}`;
}

/** The protocols of a run, as a part of a claim. */
const protocols: Readonly<Record<TransportChoice, string>> = {
  grpc: '',
  http: ' over HTTP',
  both: ' over gRPC and HTTP',
};

/** Returns the text as the only part of a sentence, or no parts if the count is 0. */
function some(count: number, text: string): readonly string[] {
  return count > 0 ? [text] : [];
}
