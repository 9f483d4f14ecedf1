import type { CaseJson } from '../../data/report.ts';

/** The effect of a case on the verdict, in the order in which legends list them. */
export const standings = [
  'passed',
  'failed',
  'blocked',
  'unstable',
  'stale',
  'broken',
  'not run',
  'known failure',
  'advice',
  'skipped',
  'not declared',
] as const;

export type Standing = (typeof standings)[number];

/** The colour of a standing. Several standings share one. */
export type Tone = 'passed' | 'partial' | 'failed' | 'blocked' | 'unstable' | 'known' | 'skipped';

const tones: Readonly<Record<Standing, Tone>> = {
  passed: 'passed',
  failed: 'failed',
  blocked: 'blocked',
  unstable: 'unstable',
  stale: 'unstable',
  broken: 'unstable',
  'not run': 'blocked',
  'known failure': 'known',
  advice: 'known',
  skipped: 'skipped',
  'not declared': 'skipped',
};

const meanings: Readonly<Record<Standing, string>> = {
  passed: 'all steps passed',
  failed: 'a step failed, so its clauses are violated',
  blocked: 'a setup step failed or another case explains the failure, so the case proves nothing',
  unstable: 'passed in some attempts and failed in others',
  stale: 'passed, but is listed as a known failure',
  broken: 'the kit could not run the case',
  'not run': 'the run ended before the case began',
  'known failure': 'failed, and is listed as a known failure',
  advice: 'does not follow advice, which does not count',
  skipped: 'needs something that the target does not offer',
  'not declared': 'belongs to a capability that the target does not declare',
};

export function toneOf(standing: Standing): Tone {
  return tones[standing];
}

/** Returns the meaning of a standing in a few words, for legends. */
export function meaningOf(standing: Standing): string {
  return meanings[standing];
}

/** Returns the standing of a case, as the verdict counts it. */
export function standingOf({ outcome, knownFailure, advisory, attempts }: CaseJson): Standing {
  const isUnstable = attempts !== undefined && attempts.passed > 0;
  switch (outcome.kind) {
    case 'passed':
      return knownFailure === undefined || knownFailure.mayFail ? 'passed' : 'stale';
    case 'failed':
      if (knownFailure !== undefined) return 'known failure';
      if (advisory) return 'advice';
      return isUnstable ? 'unstable' : 'failed';
    case 'blocked':
      if (knownFailure !== undefined) return 'known failure';
      return isUnstable ? 'unstable' : 'blocked';
    case 'not-declared':
      return 'not declared';
    case 'not-run':
      return 'not run';
    default:
      return outcome.kind;
  }
}

/** Returns the reason that a case did not pass, on one line. Empty if it passed. */
export function reasonOf({ outcome, knownFailure }: CaseJson): string {
  switch (outcome.kind) {
    case 'passed':
      return knownFailure === undefined || knownFailure.mayFail
        ? ''
        : `listed as a known failure: ${knownFailure.reason}`;
    case 'failed':
    case 'blocked':
      return outcome.failure.summary;
    case 'not-declared':
      return `capability ${outcome.capability} is not declared${outcome.reason === undefined ? '' : `: ${outcome.reason}`}`;
    default:
      return outcome.reason;
  }
}

/** Returns the clauses that the failing step of a case checks. Empty if the case did not fail. */
export function violatedBy({ outcome }: Pick<CaseJson, 'outcome'>): readonly string[] {
  return outcome.kind === 'failed' || outcome.kind === 'blocked' ? (outcome.failure.clauses ?? []) : [];
}

/** The standing of a clause, in the order in which legends list them. */
export const clauseStandings = [
  'held',
  'violated',
  'partly held',
  'not proven',
  'not checked',
  'known failure',
  'not followed',
  'not declared',
] as const;

/** Returns the colour of the standing of a clause. */
export function clauseTone(standing: string): Tone {
  switch (standing) {
    case 'held':
      return 'passed';
    case 'partly held':
      return 'partial';
    case 'violated':
      return 'failed';
    case 'known failure':
    case 'not followed':
      return 'known';
    case 'not declared':
      return 'skipped';
    default:
      return 'blocked';
  }
}

const clauseMeanings: Readonly<Record<string, string>> = {
  held: 'all cases that check the clause passed',
  violated: 'a step that checks the clause failed',
  'partly held': 'some cases passed, others could not check it',
  'not proven': 'no case could check it',
  'not checked': 'no case could check it',
  'known failure': 'the failing cases are listed as known failures',
  'not followed': 'advice that the target does not follow',
  'not declared': 'belongs to a capability that the target does not declare',
};

export function clauseMeaning(standing: string): string {
  return clauseMeanings[standing] ?? standing;
}
