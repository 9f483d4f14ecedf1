import type { CaseResult } from '../engine/result.ts';
import type { Finding } from '../judge/findings.ts';
import { count, firstOf } from '../text/text.ts';

/** Returns the extent of a finding: `3 cases fail, 12 are blocked`. */
export function extentOf({ cases, blocked, passesAlone, unstable }: Finding): string {
  if (unstable !== undefined) {
    const { passed, failed } = unstable;
    return `unstable, ${failed} of ${count(passed + failed, 'attempt')} failed`;
  }
  if (passesAlone) return blocked.length === 1 ? '1 case passes alone' : `${blocked.length} cases pass alone`;
  const failing = cases.length === 1 ? '1 case fails' : `${cases.length} cases fail`;
  const waiting = blocked.length === 1 ? '1 is blocked' : `${blocked.length} are blocked`;
  if (blocked.length === 0) return failing;
  return cases.length === 0 ? `${count(blocked.length, 'case')} blocked` : `${failing}, ${waiting}`;
}

/** Returns the difference on one line, for lists of findings. */
export function headlineOf(finding: Finding): string {
  return finding.unstable === undefined ? finding.summary : `${extentOf(finding)}: ${finding.summary}`;
}

/** Returns the result that illustrates a finding best, or undefined if the report does not contain it. */
export function exampleOf(
  { cases, blocked }: Finding,
  results: readonly CaseResult[],
): CaseResult | undefined {
  const id = cases[0] ?? blocked[0];
  return results.find((result) => result.case.id === id);
}

/** Lists the cases of a finding except its example. Empty if there are no others. */
export function otherCasesOf({ cases, blocked }: Finding, limit: number): readonly string[] {
  const others = cases.slice(1);
  const waiting = cases.length === 0 ? blocked.slice(1) : blocked;
  return [
    ...(others.length === 0 ? [] : [`also failing: ${firstOf(others, limit)}`]),
    ...(waiting.length === 0 ? [] : [`blocked: ${firstOf(waiting, limit)}`]),
  ];
}
