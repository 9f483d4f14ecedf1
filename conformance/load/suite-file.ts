import { didYouMean } from '../../base/nearest.ts';
import { type CaseHead, defaultCaseDeadlineMs, type Step } from '../case/case.ts';
import { parseDuration } from '../case/duration.ts';
import { annotationsOf, limitOf, verbsOf, type WrittenStep } from '../case/step-annotations.ts';
import { checkAnnotations } from './annotation-check.ts';
import type { Clauses } from './clauses.ts';
import { schemaErrors } from './package-schema.ts';
import { pointerSegments, schemaProblems } from './schema-problems.ts';
import { setupsOf } from './setups.ts';
import { caseIndex, caseName, describePlace, inStep } from './suite-place.ts';
import type { UnrolledSuite } from './words/for-each.ts';
import { relocate } from './words/place.ts';
import type { ExpandedSteps, MainClauses } from './words/steps.ts';
import type { FixtureProblem, Mistake, ValuePath, YamlFile } from './yaml-file.ts';

/** The content of a suite file. */
export interface Suite<Case extends CaseHead> {
  readonly name: string;
  readonly about: string;
  /** Path relative to the package, such as `fixtures/cases/sessions.yaml`. */
  readonly file: string;
  readonly cases: readonly Case[];
}

/** The keys that every kind of case has, as written in a file that has passed schema validation. */
export interface WrittenCase {
  readonly case: string;
  readonly title: string;
  readonly clauses: readonly string[];
  readonly deadline?: string;
  readonly note?: string;
  readonly steps: readonly WrittenStep[];
}

/** The part that all kinds of cases have in common. */
export type CommonHead = Pick<
  CaseHead,
  'id' | 'suite' | 'title' | 'clauses' | 'advisory' | 'reliesOn' | 'deadlineMs' | 'note' | 'source'
> & { readonly steps: readonly Step[] };

/** The differences between kinds of suites. */
export interface SuiteKind<Written extends WrittenCase, Case extends CaseHead> {
  readonly schema: 'suite' | 'gateway-suite';
  /** Expands `forEach` into several cases or steps. */
  unroll(value: unknown): UnrolledSuite;
  /** Replaces the short words of steps. */
  expand(steps: readonly WrittenStep[], path: ValuePath, mainClauses: MainClauses): ExpandedSteps;
  /** Finds mistakes that the schema cannot. The short words in `steps` are already expanded. */
  check(written: Written, path: ValuePath, steps: readonly WrittenStep[]): readonly Mistake[];
  make(written: Written, common: CommonHead): Case;
}

interface WrittenSuite<Written> {
  readonly suite: string;
  readonly about: string;
  readonly cases: readonly Written[];
}

/** The names outside its own file that a suite may refer to. */
export interface SuiteScope {
  readonly contract: Clauses;
  /** Cases that setup steps may reference, with their main clauses. */
  readonly mainClauses: MainClauses;
}

/** Checks a suite file and builds its cases. Omits invalid cases. For an invalid suite, `suite` is undefined. */
export function readSuite<Written extends WrittenCase, Case extends CaseHead>(
  source: YamlFile,
  kind: SuiteKind<Written, Case>,
  { contract, mainClauses }: SuiteScope,
): { readonly suite: Suite<Case> | undefined; readonly problems: readonly FixtureProblem[] } {
  if (source.value === null || source.value === undefined) {
    const hint = 'a suite needs the keys suite, about and cases';
    const problem = source.problem({ line: 1, column: 1 }, 'the file is empty', hint);
    return { suite: undefined, problems: [problem] };
  }
  const unrolled = kind.unroll(source.value);
  const file = relocate(source, unrolled.value, unrolled.origins);
  const errors = schemaErrors(kind.schema, file.value);
  const wording = { place: describePlace, caseName: (path: ValuePath) => caseName(file, path) };
  const problems = [...distinct(schemaProblems(file, errors, wording))];
  const broken = new Set(errors.map(({ instancePath }) => caseIndex(pointerSegments(instancePath))));
  if (broken.has(undefined)) return { suite: undefined, problems };

  const suite = file.value as WrittenSuite<Written>;
  const cases: Case[] = [];
  const lines = new Map<string, number>();
  for (const [index, written] of suite.cases.entries()) {
    if (broken.has(index)) continue;
    const path = ['cases', index];
    const { line } = file.positionOf(path);
    const { steps, origins } = kind.expand(written.steps, [...path, 'steps'], mainClauses);
    const mistakes = [
      ...checkHead(written, path, { twin: lines.get(written.case), contract }),
      ...kind.check(written, path, steps),
      ...checkAnnotations(steps, [...path, 'steps'], { clauses: written.clauses, mainClauses }),
    ];
    lines.set(written.case, lines.get(written.case) ?? line);
    const found = mistakes.map(({ path: expanded, message, hint }) => {
      const place = origins.of(expanded);
      const whole = `${caseName(file, place)}${message}${inStep(place)}`;
      return { file: file.file, ...file.positionOf(place), message: whole, hint };
    });
    problems.push(...distinct(found));
    if (mistakes.length > 0) continue;
    const sourced = steps.flatMap((step, at): Step[] => {
      const place = origins.of([...path, 'steps', at]);
      return verbsOf(step).map(([verb, argument]) => ({
        verb,
        argument,
        source: { file: file.file, line: file.positionOf(place).line },
        item: unrolled.itemOf(place),
        ...annotationsOf(step),
        ...limitOf(step),
      }));
    });
    const reliesOn = [...new Set(setupsOf(sourced).map(({ case: id }) => id))];
    const common: CommonHead = {
      id: `${suite.suite}/${written.case}`,
      suite: suite.suite,
      title: written.title,
      clauses: written.clauses,
      ...(contract.get(written.clauses[0] ?? '')?.weight === 'MUST' ? {} : { advisory: true }),
      deadlineMs: parseDuration(written.deadline ?? '') ?? defaultCaseDeadlineMs,
      note: written.note,
      ...(reliesOn.length > 0 ? { reliesOn } : {}),
      source: { file: file.file, line },
      steps: sourced,
    };
    cases.push(kind.make(written, common));
  }
  return {
    suite: { name: suite.suite, about: suite.about, file: file.file, cases },
    problems: problems.toSorted((one, other) => one.line - other.line),
  };
}

/** Checks the name and the clauses of a case. `twin` is the line of an earlier case with the same name. */
function checkHead(
  written: WrittenCase,
  path: ValuePath,
  { twin, contract }: { readonly twin: number | undefined; readonly contract: Clauses },
): readonly Mistake[] {
  const message = `the case name "${written.case}" is already used on line ${twin}`;
  const unknown = written.clauses.filter((id) => !contract.has(id));
  return [
    ...(twin === undefined ? [] : [{ path: [...path, 'case'], message }]),
    ...unknown.map((id) => ({
      path: [...path, 'clauses', written.clauses.indexOf(id)],
      message: `the contract has no clause ${id}`,
      hint: didYouMean(id, contract.keys()),
    })),
  ];
}

/** Removes duplicates: an alias or `forEach` can repeat one mistake in several steps or items. */
function distinct(problems: readonly FixtureProblem[]): readonly FixtureProblem[] {
  const keyOf = ({ line, column, message }: FixtureProblem) =>
    `${line}:${column} ${message.replace(/^\S+: /, '')}`;
  return [...new Map(problems.toReversed().map((problem) => [keyOf(problem), problem])).values()].reverse();
}
