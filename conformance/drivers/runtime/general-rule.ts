import { type Era, erasOf } from '../../case/era.ts';
import type { Failure } from '../../engine/result.ts';
import type { FailureTest, Head } from './failure-tests.ts';

/** A rule about answers of many kinds. If a runtime breaks the rule, cases of any clause may show a difference. */
export interface GeneralRule {
  readonly clause: string;
  /** The era that the rule applies to. Default: both. */
  readonly era?: Era;
  /** The only cases that prove that the rule is broken. Default: every case that fails at a step of the clause. */
  readonly provenBy?: readonly string[];
  /**
   * Returns whether a failure may be due to a runtime that breaks the rule. `seen` selects the failures of cases in whose
   * calls the observer of the traffic saw a violation of the rule, and the failures of the observer's own steps.
   */
  readonly isBroken: FailureTest | 'seen';
  /** Whether a case can only explain failures whose first difference has the same place and the same observed value. */
  readonly sameDifference?: true;
  /**
   * Whether other clauses state the same rule for their answers. The rule then explains only failures of several
   * clauses.
   */
  readonly statedElsewhere?: true;
}

/**
 * Returns whether a failed case may be due to a runtime that breaks a rule.
 * @param seen the ids of the cases in whose calls the observer of the traffic saw violations of the clause
 */
export function breaksRule(
  { era, isBroken }: GeneralRule,
  {
    failure,
    head,
    seen,
  }: { failure: Failure; head: Head & { readonly id: string }; seen: ReadonlySet<string> },
): boolean {
  if (era !== undefined && !erasOf(head).includes(era)) return false;
  if (isBroken !== 'seen') return isBroken(failure, head);
  return seen.has(head.id) || failure.step?.verb === 'traffic';
}
