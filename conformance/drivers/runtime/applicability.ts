import type { Runner } from '../../../runners/runner.ts';
import type { CaseHead, CaseNeeds } from '../../case/case.ts';
import type { CaseOutcome } from '../../engine/result.ts';
import type { Survey } from './survey.ts';

/** What decides whether a case can be held against a target. */
export interface Circumstances {
  readonly runner: Runner;
  /** What the target serves; undefined while it is not known, for cases that do not need to know it. */
  readonly survey: Survey | undefined;
  /** Capabilities that the target declares. */
  readonly declared: ReadonlySet<string>;
  /** Capabilities that `--capability` demands: their cases run, declared or not. */
  readonly demanded: ReadonlySet<string>;
}

type NotRun = Extract<CaseOutcome, { kind: 'skipped' | 'not-declared' }>;

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

/** Why a case is not held against the target; undefined where it is. */
export function reasonNotToRun(head: CaseHead, circumstances: Circumstances): NotRun | undefined {
  const missing = capabilitiesOf(head).find(
    (name) => !circumstances.declared.has(name) && !circumstances.demanded.has(name),
  );
  if (missing !== undefined) return { kind: 'not-declared', capability: missing };
  for (const control of head.needs.runner ?? []) {
    if (!circumstances.runner.controls.has(control)) {
      const what = controlNames[control] ?? control;
      return { kind: 'skipped', reason: `the kit cannot ${what} (${circumstances.runner.label})` };
    }
  }
  for (const [need, word] of catalogNeeds) {
    const absent = (head.needs[need] ?? []).find((name) => !circumstances.survey?.[need].has(name));
    if (absent !== undefined) return { kind: 'skipped', reason: `the target serves no ${word} ${absent}` };
  }
  return undefined;
}

/** Whether only the survey of the target can say that a case applies to it. */
export function needsSurvey({ needs }: CaseHead): boolean {
  return catalogNeeds.some(([need]) => (needs[need]?.length ?? 0) > 0);
}

/** The capabilities of the contract without which a case does not apply. */
export function capabilitiesOf(head: CaseHead): readonly string[] {
  const promised = head.level.startsWith('capability:') ? [head.level.slice('capability:'.length)] : [];
  return [...promised, ...(head.needs.capabilities ?? [])];
}
