import type { Runner } from '../../../runners/runner.ts';
import { type CaseHead, type CaseNeeds, capabilityOf } from '../../case/case.ts';
import { launches } from '../../engine/case-queue.ts';
import type { TargetPhase } from '../../engine/driver.ts';
import type { CaseOutcome } from '../../engine/result.ts';
import type { Survey } from './survey.ts';

/** What decides whether a case applies to a target. */
export interface TargetProfile {
  readonly runner: Runner;
  /** What the target serves; undefined while it is not known, for cases that do not need to know it. */
  readonly survey: Survey | undefined;
  /** Capabilities that the target declares. */
  readonly declared: readonly string[];
  /** Capabilities that `--capability` demands: their cases run, declared or not. */
  readonly demanded: readonly string[];
}

const catalogNeeds = [
  ['tools', 'tool'],
  ['resources', 'resource'],
  ['resourceTemplates', 'resource template'],
  ['prompts', 'prompt'],
  ['serverCapabilities', 'MCP capability'],
] as const satisfies readonly (readonly [keyof CaseNeeds & keyof Survey, string])[];

const controlNames: Readonly<Record<string, string>> = {
  launch: 'start a further instance of it',
  signal: 'send it a signal',
  environment: 'set its environment',
  socketFile: 'see its socket file',
};

/** Why a case does not apply to the target; undefined where it does. */
export function reasonNotToRun(
  head: CaseHead,
  { runner, survey, declared, demanded }: TargetProfile,
): Extract<CaseOutcome, { kind: 'skipped' | 'not-declared' }> | undefined {
  const missing = capabilitiesOf(head).find((name) => !declared.includes(name) && !demanded.includes(name));
  if (missing !== undefined) return { kind: 'not-declared', capability: missing };
  const control = head.needs.runner?.find((each) => !runner.controls.has(each));
  if (control !== undefined) {
    const what = controlNames[control] ?? control;
    return { kind: 'skipped', reason: `the kit cannot ${what} (${runner.label})` };
  }
  for (const [need, word] of catalogNeeds) {
    const absent = head.needs[need]?.find((name) => !survey?.[need].has(name));
    if (absent !== undefined) return { kind: 'skipped', reason: `the target serves no ${word} ${absent}` };
  }
  return undefined;
}

/** Whether enough is known of the target for a case to begin. */
export function mayBegin(head: CaseHead, phase: TargetPhase): boolean {
  switch (phase) {
    case 'starting':
      return launches(head) && capabilitiesOf(head).length === 0 && !needsSurvey(head);
    case 'ready':
      return !needsSurvey(head);
    case 'surveyed':
      return true;
  }
}

function needsSurvey({ needs }: CaseHead): boolean {
  return catalogNeeds.some(([need]) => (needs[need]?.length ?? 0) > 0);
}

/** The capabilities of the contract without which a case does not apply. */
function capabilitiesOf({ level, needs }: CaseHead): readonly string[] {
  return [capabilityOf(level) ?? [], needs.capabilities ?? []].flat();
}
