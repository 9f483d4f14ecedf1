import { didYouMean } from '../../base/nearest.ts';
import { verbsOf, type WrittenStep } from '../case/step-annotations.ts';
import type { MainClauses } from './words/steps.ts';
import type { Mistake, ValuePath } from './yaml-file.ts';

/** Ids and names that the annotations of a case's steps may refer to. */
export interface AnnotationScope {
  /** Clauses of the case. */
  readonly clauses: readonly string[];
  /** Cases that `setup` may name. */
  readonly mainClauses: MainClauses;
}

/** Finds annotations that name a clause that the case does not list, or a case that does not exist. */
export function checkAnnotations(
  steps: unknown,
  path: ValuePath,
  scope: AnnotationScope,
): readonly Mistake[] {
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((step: WrittenStep, index) => [
    ...checkStep(step, [...path, index], scope),
    ...verbsOf(step).flatMap(([verb, argument]) =>
      nestedSteps(argument).flatMap(([inner, nested]) =>
        checkAnnotations(nested, [...path, index, verb, ...inner], scope),
      ),
    ),
  ]);
}

function checkStep(
  step: WrittenStep,
  path: ValuePath,
  { clauses, mainClauses }: AnnotationScope,
): readonly Mistake[] {
  const { setup } = step;
  const mistakes = clauseLists(step, path).flatMap(([ids, place]) =>
    ids.flatMap((id, index): readonly Mistake[] => {
      if (clauses.includes(id)) return [];
      const message = `the case does not list ${id}, which is checked here`;
      return [{ path: [...place, index], message, hint: `add ${id} to the clauses of the case` }];
    }),
  );
  const name: unknown = Object(setup).case;
  if (typeof name !== 'string' || Object(setup).clause !== '') return mistakes;
  const message = `setup names the case "${name}", which does not exist`;
  return [...mistakes, { path: [...path, 'setup'], message, hint: didYouMean(name, mainClauses.keys()) }];
}

/** Returns the lists of clauses of a step and of the entries of its `also`, each with its path. */
function clauseLists(
  step: WrittenStep,
  path: ValuePath,
): readonly (readonly [readonly string[], ValuePath])[] {
  const holders: (readonly [unknown, ValuePath])[] = [[step, path]];
  for (const [verb, argument] of verbsOf(step)) {
    const { also } = Object(argument);
    if (!Array.isArray(also)) continue;
    for (const [index, entry] of also.entries()) holders.push([entry, [...path, verb, 'also', index]]);
  }
  return holders.flatMap(([holder, place]) => {
    const { clauses } = Object(holder);
    return Array.isArray(clauses) ? [[clauses, [...place, 'clauses']]] : [];
  });
}

/** Returns the lists of nested steps in the argument of a step, each with its path. */
export function nestedSteps(argument: unknown): readonly (readonly [ValuePath, unknown])[] {
  if (Array.isArray(argument)) {
    const isList = argument.some((each) => !Array.isArray(each));
    return isList ? [[[], argument]] : argument.map((branch, index) => [[index], branch]);
  }
  const { steps, prompting } = Object(argument);
  return [
    [['steps'], steps],
    [['prompting'], prompting],
  ];
}
