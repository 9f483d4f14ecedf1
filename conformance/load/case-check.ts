import type { CaseNeeds } from '../case/case.ts';
import { bindsRuntime, type Clause, type Clauses } from './clauses.ts';
import { capabilityOf, levelOf } from './level.ts';
import { nearest } from './nearest.ts';
import { describeRevisions, expandRevisions, legacyRevisions } from './revisions.ts';
import type { Mistake } from './step-check.ts';
import type { ValuePath } from './yaml-file.ts';

/** The keys of a case as they are written, once the schema holds. */
export interface WrittenCase {
  readonly case: string;
  readonly title: string;
  readonly clauses: readonly string[];
  readonly revisions?: readonly string[];
  readonly needs?: CaseNeeds;
  readonly alone?: boolean;
  readonly deadline?: string;
  readonly note?: string;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

/** Finds what is wrong with the head of a case, at `path`, in the light of the contract. */
export function checkHead(written: WrittenCase, path: ValuePath, contract: Clauses): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  for (const [index, id] of written.clauses.entries()) {
    const place = [...path, 'clauses', index];
    const clause = contract.get(id);
    if (clause === undefined) {
      mistakes.push({
        path: place,
        message: `the contract has no clause ${id}`,
        ...suggestion(id, contract.keys()),
      });
    } else if (!bindsRuntime(clause)) {
      mistakes.push({ path: place, message: `${id} binds ${clause.level}s, and a case checks a runtime` });
    }
  }
  const clauses = clausesOf(written, contract);
  return [
    ...mistakes,
    ...checkRevisions(written, clauses, path),
    ...checkCapabilities(written, contract, path),
  ];
}

/** The clauses of a case, without those that are unknown. */
export function clausesOf(written: WrittenCase, contract: Clauses): readonly Clause[] {
  return written.clauses.flatMap((id) => contract.get(id) ?? []);
}

/** The revisions that a case holds for. */
export function revisionsOf(written: WrittenCase): readonly string[] {
  return expandRevisions(written.revisions ?? ['legacy']);
}

function checkRevisions(
  written: WrittenCase,
  clauses: readonly Clause[],
  path: ValuePath,
): readonly Mistake[] {
  const main = clauses[0];
  if (main?.revisions !== 'legacy') return [];
  const beyond = revisionsOf(written).filter((name) => !legacyRevisions.some((legacy) => legacy === name));
  if (beyond.length === 0) return [];
  const message = `${main.id} holds for legacy revisions only, and the case for ${describeRevisions(beyond)} too`;
  return [{ path: [...path, 'revisions'], message }];
}

function checkCapabilities(written: WrittenCase, contract: Clauses, path: ValuePath): readonly Mistake[] {
  const known = new Set([...contract.values()].flatMap(({ level }) => capabilityOf(level) ?? []));
  const needed = written.needs?.capabilities ?? [];
  const mistakes: Mistake[] = needed.flatMap((name, index) =>
    known.has(name)
      ? []
      : [
          {
            path: [...path, 'needs', 'capabilities', index],
            message: `the contract has no capability "${name}"`,
            ...suggestion(name, known),
          },
        ],
  );
  const clauses = clausesOf(written, contract);
  const promised = new Set([capabilityOf(levelOf(clauses)), ...needed]);
  for (const clause of clauses) {
    const capability = capabilityOf(clause.level);
    if (capability === undefined || promised.has(capability)) continue;
    mistakes.push({
      path: [...path, 'clauses', written.clauses.indexOf(clause.id)],
      message: `${clause.id} binds runtimes with ${capability}, which the case does not ask for`,
      hint: `add ${capability} to needs: { capabilities: […] }`,
    });
  }
  return mistakes;
}

function suggestion(word: string, candidates: Iterable<string>): { hint?: string } {
  const meant = nearest(word, candidates);
  return meant === undefined ? {} : { hint: `did you mean "${meant}"?` };
}
