import { type DataCase, defaultCaseDeadlineMs } from '../case/case.ts';
import { parseDuration } from '../case/duration.ts';
import { checkHead, clausesOf, revisionsOf, type WrittenCase } from './case-check.ts';
import type { Clauses } from './clauses.ts';
import { levelOf } from './level.ts';
import { packageSchema } from './package-schema.ts';
import type { FixtureProblem } from './problem.ts';
import { pointerSegments, schemaProblems } from './schema-problems.ts';
import { checkSteps, type Mistake, type StepSurroundings } from './step-check.ts';
import { caseIndex, caseName, describePlace, inStep } from './suite-place.ts';
import type { ValuePath, YamlFile } from './yaml-file.ts';

/** A suite file that was read. */
export interface Suite {
  readonly name: string;
  readonly about: string;
  /** Path relative to the package, such as `fixtures/cases/sessions.yaml`. */
  readonly file: string;
  readonly cases: readonly DataCase[];
}

/** A suite as far as it could be read, and what is wrong with its file. */
export interface SuiteReading {
  readonly suite: Suite | undefined;
  readonly problems: readonly FixtureProblem[];
}

interface WrittenSuite {
  readonly suite: string;
  readonly about: string;
  readonly cases: readonly WrittenCase[];
}

/** Checks a suite file and makes its cases. A case with a mistake is left out. */
export function readSuite(
  file: YamlFile,
  context: StepSurroundings & { readonly contract: Clauses },
): SuiteReading {
  if (file.value === null || file.value === undefined) {
    const problem = file.problem(
      { line: 1, column: 1 },
      'the file is empty',
      'a suite has suite, about and cases',
    );
    return { suite: undefined, problems: [problem] };
  }
  const validate = packageSchema('suite');
  const fits = validate(file.value);
  const errors = validate.errors ?? [];
  const problems = fits
    ? []
    : [...schemaProblems(file, errors, { place: describePlace, caseName: (path) => caseName(file, path) })];
  const broken = new Set(errors.map(({ instancePath }) => caseIndex(pointerSegments(instancePath))));
  if (broken.has(undefined)) return { suite: undefined, problems };

  const written = file.value as WrittenSuite;
  const cases: DataCase[] = [];
  const lines = new Map<string, number>();
  for (const [index, writtenCase] of written.cases.entries()) {
    if (broken.has(index)) continue;
    const path = ['cases', index];
    const mistakes = [
      ...checkUnique(writtenCase, path, lines),
      ...checkHead(writtenCase, path, context.contract),
      ...checkSteps(writtenCase.steps, [...path, 'steps'], context),
    ];
    lines.set(writtenCase.case, lines.get(writtenCase.case) ?? file.positionOf(path).line);
    problems.push(...distinct(mistakes.map((mistake) => problemOf(file, mistake))));
    if (mistakes.length === 0) cases.push(makeCase(file, { written, index, contract: context.contract }));
  }
  const suite = { name: written.suite, about: written.about, file: file.file, cases };
  return { suite, problems: problems.toSorted((one, other) => one.line - other.line) };
}

function checkUnique(
  written: WrittenCase,
  path: ValuePath,
  lines: ReadonlyMap<string, number>,
): readonly Mistake[] {
  const line = lines.get(written.case);
  if (line === undefined) return [];
  return [
    { path: [...path, 'case'], message: `this suite has a case "${written.case}" already, on line ${line}` },
  ];
}

function makeCase(
  file: YamlFile,
  parts: { readonly written: WrittenSuite; readonly index: number; readonly contract: Clauses },
): DataCase {
  const { suite, cases } = parts.written;
  const written = cases[parts.index] as WrittenCase;
  const path = ['cases', parts.index];
  const clauses = clausesOf(written, parts.contract);
  const level = levelOf(clauses);
  const isStrict = clauses.some((clause) => clause.level === 'strict');
  return {
    kind: 'data',
    id: `${suite}/${written.case}`,
    suite,
    title: written.title,
    clauses: written.clauses,
    level,
    ...(isStrict && level !== 'strict' ? { strictOnly: true } : {}),
    ...(clauses[0]?.weight === 'MUST' ? {} : { advisory: true }),
    revisions: revisionsOf(written),
    needs: written.needs ?? {},
    alone: written.alone ?? false,
    deadlineMs: parseDuration(written.deadline ?? '') ?? defaultCaseDeadlineMs,
    note: written.note,
    source: { file: file.file, line: file.positionOf(path).line },
    steps: written.steps.flatMap((step, index) =>
      Object.entries(step).map(([verb, argument]) => ({
        verb,
        argument,
        source: { file: file.file, line: file.positionOf([...path, 'steps', index]).line },
      })),
    ),
  };
}

function problemOf(file: YamlFile, { path, message, hint }: Mistake): FixtureProblem {
  return file.problem(file.positionOf(path), `${caseName(file, path)}${message}${inStep(path)}`, hint);
}

/** An alias brings a mistake to several steps; it is told once, where it is written. */
function distinct(problems: readonly FixtureProblem[]): readonly FixtureProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.line}:${problem.column}`, problem])).values()];
}
