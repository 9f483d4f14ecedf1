import { groupBy } from '../../../base/group.ts';
import type { Step } from '../../case/case.ts';
import type { GatewayCase } from '../../case/gateway-case.ts';
import { verbsOf, type WrittenStep } from '../../case/step-annotations.ts';

/** Steps that wait for the gateway to end a call. */
const waitingVerbs: ReadonlySet<string> = new Set(['cancelled', 'deadlinePasses']);

/**
 * Steps that restart the played runtime, break its connections, or send bytes after which the gateway may break one.
 * All of them end the calls of other cases.
 */
const disturbingVerbs: ReadonlySet<string> = new Set(['runtime', 'break', 'raw']);

/** Returns whether a case ends calls of other cases. */
export function disturbsOthers({ steps }: Pick<GatewayCase, 'steps'>): boolean {
  return hasVerb(steps, disturbingVerbs);
}

/**
 * Groups cases by capabilities, each group at the position of its first case. In a group, the cases with long waits
 * come first, and the cases that disturb them last, so that the waits overlap with the others.
 */
export function arrangeCases(cases: readonly GatewayCase[]): readonly GatewayCase[] {
  const groups = groupBy(cases, ({ capabilities }) => capabilities.join());
  return [...groups.values()].flatMap((group) => group.toSorted((one, other) => rank(one) - rank(other)));
}

function rank(testCase: GatewayCase): number {
  if (disturbsOthers(testCase)) return 2;
  return hasVerb(testCase.steps, waitingVerbs) ? 0 : 1;
}

function hasVerb(steps: readonly Step[], verbs: ReadonlySet<string>): boolean {
  return steps.some(({ verb, argument }) => verbs.has(verb) || hasNestedVerb(argument, verbs));
}

function hasNestedVerb(argument: unknown, verbs: ReadonlySet<string>): boolean {
  const { steps }: { steps?: readonly WrittenStep[] } = Object(argument);
  return (steps ?? []).some((step) =>
    verbsOf(step).some(([verb, value]) => verbs.has(verb) || hasNestedVerb(value, verbs)),
  );
}
