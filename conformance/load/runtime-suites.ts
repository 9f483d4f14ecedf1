import { didYouMean } from '../../base/nearest.ts';
import { type CaseNeeds, capabilityOf, type DataCase } from '../case/case.ts';
import { erasOf } from '../case/era.ts';
import { withCalledItems } from './called-items.ts';
import { sinceOf } from './case-since.ts';
import { bindsRuntime, type Clause, type Clauses, levelOf } from './clauses.ts';
import { describeRevisions, expandRevisions } from './revisions.ts';
import { checkSteps, type StepContext } from './step-check.ts';
import { opensSessions } from './step-demands.ts';
import type { SuiteKind, WrittenCase } from './suite-file.ts';
import { unrollSuite } from './words/for-each.ts';
import { expandSteps } from './words/steps.ts';
import type { Mistake, ValuePath } from './yaml-file.ts';

/** A case for runtimes, as written in a file that has passed schema validation. */
interface WrittenDataCase extends WrittenCase {
  readonly revisions?: readonly string[];
  readonly needs?: CaseNeeds;
  readonly alone?: boolean;
}

/** Returns the kind of suites that check runtimes. */
export function runtimeSuites(contract: Clauses, context: StepContext): SuiteKind<WrittenDataCase, DataCase> {
  return {
    schema: 'suite',
    unroll: unrollSuite,
    expand: expandSteps,
    check: (written, path, steps) => [
      ...checkBinding(written, path, contract),
      ...checkRevisions(written, path, contract),
      ...checkCapabilities(written, path, contract),
      ...checkSteps(steps, [...path, 'steps'], context),
    ],
    make: (written, common) => {
      const clauses = clausesOf(written, contract);
      const level = levelOf(clauses);
      const isStrict = clauses.some((clause) => clause.level === 'strict');
      const { capabilities = [] } = written.needs ?? {};
      const since = sinceOf({ ...common, capabilities }, contract);
      const revisions = revisionsOf(written);
      const eras = erasOf({ revisions });
      const isLegacyOnly = !eras.includes('modern');
      const isModernOnly = !eras.includes('legacy');
      return {
        kind: 'data',
        ...common,
        level,
        ...(since && { since }),
        ...(isStrict && level !== 'strict' ? { strictOnly: true } : {}),
        revisions,
        ...(!isLegacyOnly && opensSessions(common.steps) && { opensSessions: true }),
        needs: isModernOnly ? withCalledItems(written.needs ?? {}, common.steps) : (written.needs ?? {}),
        alone: written.alone ?? false,
      };
    },
  };
}

function clausesOf(written: WrittenCase, contract: Clauses): readonly Clause[] {
  return written.clauses.flatMap((id) => contract.get(id) ?? []);
}

function revisionsOf(written: WrittenDataCase): readonly string[] {
  return expandRevisions(written.revisions ?? ['legacy']);
}

function checkBinding(written: WrittenCase, path: ValuePath, contract: Clauses): readonly Mistake[] {
  return clausesOf(written, contract)
    .filter((clause) => !bindsRuntime(clause))
    .map(({ id, level }) => ({
      path: [...path, 'clauses', written.clauses.indexOf(id)],
      message: `${id} applies to ${level.split(':')[0]}s, but this case checks a runtime`,
    }));
}

function checkRevisions(written: WrittenDataCase, path: ValuePath, contract: Clauses): readonly Mistake[] {
  const [main] = clausesOf(written, contract);
  if (main === undefined || main.revisions === 'all') return [];
  const bound = expandRevisions([main.revisions]);
  const beyond = revisionsOf(written).filter((name) => !bound.includes(name));
  if (beyond.length === 0) return [];
  const message = `${main.id} applies to ${main.revisions} revisions only, but the case includes ${describeRevisions(beyond)}`;
  return [{ path: [...path, 'revisions'], message, hint: `write revisions: [${main.revisions}]` }];
}

function checkCapabilities(written: WrittenDataCase, path: ValuePath, contract: Clauses): readonly Mistake[] {
  const known = new Set([...contract.values()].flatMap(({ level }) => capabilityOf(level) ?? []));
  const needed = written.needs?.capabilities ?? [];
  const unknown = needed
    .filter((name) => !known.has(name))
    .map((name) => ({
      path: [...path, 'needs', 'capabilities', needed.indexOf(name)],
      message: `the contract has no capability "${name}"`,
      hint: didYouMean(name, known),
    }));
  const clauses = clausesOf(written, contract);
  const promised = new Set([capabilityOf(levelOf(clauses)), ...needed]);
  const missing = clauses.flatMap(({ id, level }) => {
    const capability = capabilityOf(level);
    if (capability === undefined || promised.has(capability)) return [];
    return [
      {
        path: [...path, 'clauses', written.clauses.indexOf(id)],
        message: `${id} applies only to runtimes with ${capability}, which the case does not require`,
        hint: `add ${capability} to needs: { capabilities: […] }`,
      },
    ];
  });
  return [...unknown, ...missing];
}
