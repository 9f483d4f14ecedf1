import type { Runner } from '../../../runners/runner.ts';
import { type CaseHead, type CaseNeeds, capabilityOf, type DataCase } from '../../case/case.ts';
import { type OwnItems, roles } from '../../case/roles.ts';
import { launches } from '../../engine/case-queue.ts';
import type { TargetPhase } from '../../engine/driver.ts';
import { boundFailure } from '../../engine/failure.ts';
import type { CaseOutcome, ServedItem, ServedKind } from '../../engine/result.ts';
import { adaptCase } from './adapt-case.ts';
import type { SurveyProblem } from './inquiry.ts';
import type { Survey } from './survey.ts';

/** The information that decides whether a case applies to a target. */
export interface TargetProfile {
  readonly runner: Runner;
  /** The catalog of the target. Undefined until it is discovered. Only cases that need no catalog run before that. */
  readonly survey: Survey | undefined;
  /** Items of the target's own, by the role that each plays. */
  readonly own: OwnItems;
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

type Inapplicable = Extract<CaseOutcome, { kind: 'skipped' | 'not-declared' | 'blocked' }>;

/**
 * Returns the reason not to run a case, or undefined if it applies to the target. If discovery failed, the cases that
 * need the catalog are blocked, because it is unknown whether the target serves it.
 */
export function reasonNotToRun(testCase: DataCase, profile: TargetProfile): Inapplicable | undefined {
  const { runner, survey, declared, required } = profile;
  const { needs } = testCase;
  const missing = capabilitiesOf(testCase).find(
    (name) => !declared.includes(name) && !required.includes(name),
  );
  if (missing !== undefined) return { kind: 'not-declared', capability: missing };
  const control = needs.runner?.find((each) => !runner.controls.has(each));
  if (control !== undefined) {
    const what = controlNames[control] ?? control;
    return { kind: 'skipped', reason: `the kit cannot ${what} (${runner.label})` };
  }
  if (survey?.problem !== undefined && needsSurvey(testCase)) return blockedBy(survey.problem);
  const undeclared = mcpCapabilitiesOf(testCase).find((name) => !survey?.serverCapabilities.has(name));
  if (undeclared !== undefined) return { kind: 'not-declared', capability: `MCP ${undeclared}` };
  const [item] = notServed(needs, survey);
  return item === undefined ? withoutRole(testCase, profile) : withoutItem(item);
}

function blockedBy({ summary: reason, by }: SurveyProblem): Inapplicable {
  const summary = `could not discover what the target serves: ${reason}`;
  return { kind: 'blocked', by, failure: { ...boundFailure({ summary, differences: [] }), clauses: [] } };
}

function notServed(needs: CaseNeeds, survey: Survey | undefined): readonly ServedItem[] {
  return catalogNeeds.flatMap(([need, kind]) =>
    (needs[need] ?? []).filter((name) => !survey?.[need].has(name)).map((name) => ({ kind, name })),
  );
}

function withoutItem(item: ServedItem): Inapplicable {
  const reason = `the target does not serve ${item.kind} ${item.name}`;
  return { kind: 'skipped', reason, notServed: item };
}

function withoutRole(testCase: DataCase, { survey, own }: TargetProfile): Inapplicable | undefined {
  const adapted = adaptCase(testCase, survey, own);
  if (adapted.kind === 'adapted') return undefined;
  if (adapted.kind === 'no-evidence') return withoutItem({ kind: 'tool', name: adapted.tool });
  const { role } = adapted;
  if (adapted.kind === 'not-listed') {
    const reason = `the target does not list tool ${adapted.tool}, which the configuration names for "${role}"`;
    return { kind: 'skipped', reason };
  }
  return { kind: 'skipped', reason: `needs ${roles[role].about}`, role };
}

/**
 * Returns the MCP capabilities that are the subject of a case. They are optional. Cases for other clauses use MCP
 * features only as a means, so for them an undeclared capability is a gap.
 */
export function mcpCapabilitiesOf({ clauses: [main = ''], needs }: DataCase): readonly string[] {
  const isModern = main.startsWith('MODERN-');
  if (!main.startsWith('MCP-') && !isModern) return [];
  const kinds = [
    ['tools', needs.tools],
    ['resources', needs.resources ?? needs.resourceTemplates],
    ['prompts', needs.prompts],
  ] as const;
  const groups = (needs.roles ?? []).map((name) => roles[name].method.split('/')[0] ?? '');
  const written = needs.serverCapabilities ?? [];
  // A modern case that uses items of the catalog does not check those items or their capabilities.
  const usesCatalog = kinds.some(([, items]) => items !== undefined);
  return [
    ...written.filter((name) => (isModern ? !usesCatalog : name !== 'logging' || main === 'MCP-8')),
    ...(isModern ? [] : kinds).flatMap(([name, items]) => (items === undefined ? [] : [name])),
    ...groups.map((group) => (group === 'completion' ? 'completions' : group)),
  ];
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
  return [...catalogNeeds.map(([need]) => need), 'roles'].some(
    (need) => (needs[need as keyof CaseNeeds]?.length ?? 0) > 0,
  );
}

/** Returns the contract capabilities that a case requires. */
function capabilitiesOf({ level, needs }: CaseHead): readonly string[] {
  return [capabilityOf(level) ?? [], needs.capabilities ?? []].flat();
}
