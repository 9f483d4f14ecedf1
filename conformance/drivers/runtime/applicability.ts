import type { Runner } from '../../../runners/runner.ts';
import { type CaseHead, type CaseNeeds, capabilityOf } from '../../case/case.ts';
import { launches } from '../../engine/case-queue.ts';
import type { TargetPhase } from '../../engine/driver.ts';
import type { CaseOutcome, ServedKind } from '../../engine/result.ts';
import type { Survey } from './survey.ts';

/** The information that decides whether a case applies to a target. */
export interface TargetProfile {
  readonly runner: Runner;
  /** The catalog of the target. Undefined until it is discovered. Only cases that need no catalog run before that. */
  readonly survey: Survey | undefined;
  /** Capabilities that the target declares. */
  readonly declared: readonly string[];
  /** Capabilities that `--capability` requires. Their cases run even if the target does not declare them. */
  readonly required: readonly string[];
}

const catalogNeeds = [
  ['tools', 'tool'],
  ['resources', 'resource'],
  ['resourceTemplates', 'resource template'],
  ['prompts', 'prompt'],
  ['serverCapabilities', 'MCP capability'],
] as const satisfies readonly (readonly [keyof CaseNeeds & keyof Survey, ServedKind])[];

const controlNames: Readonly<Record<string, string>> = {
  launch: 'start another instance of the target',
  signal: 'send signals to the target',
  environment: 'set environment variables of the target',
  socketFile: 'access the socket file of the target',
};

/** Returns the reason to skip a case, or undefined if it applies to the target. */
export function reasonNotToRun(
  head: CaseHead,
  { runner, survey, declared, required }: TargetProfile,
): Extract<CaseOutcome, { kind: 'skipped' | 'not-declared' }> | undefined {
  const missing = capabilitiesOf(head).find((name) => !declared.includes(name) && !required.includes(name));
  if (missing !== undefined) return { kind: 'not-declared', capability: missing };
  const control = head.needs.runner?.find((each) => !runner.controls.has(each));
  if (control !== undefined) {
    const what = controlNames[control] ?? control;
    return { kind: 'skipped', reason: `the kit cannot ${what} (${runner.label})` };
  }
  for (const [need, kind] of catalogNeeds) {
    const name = head.needs[need]?.find((each) => !survey?.[need].has(each));
    if (name !== undefined) {
      return {
        kind: 'skipped',
        reason: `the target does not serve ${kind} ${name}`,
        notServed: { kind, name },
      };
    }
  }
  return undefined;
}

/** Returns whether the kit already knows enough about the target for a case to begin. */
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

/** Returns the contract capabilities that a case requires. */
function capabilitiesOf({ level, needs }: CaseHead): readonly string[] {
  return [capabilityOf(level) ?? [], needs.capabilities ?? []].flat();
}
