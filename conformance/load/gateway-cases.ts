import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { parseDuration } from '../case/duration.ts';
import type { GatewayCase, GatewayNeed } from '../case/gateway-case.ts';
import type { Clauses } from './clauses.ts';
import { nearest } from './nearest.ts';
import { packageSchema } from './package-schema.ts';
import { FixtureError, type FixtureProblem } from './problem.ts';
import { expandRevisions } from './revisions.ts';
import { schemaProblems } from './schema-problems.ts';
import { caseName, describePlace } from './suite-place.ts';
import { type ValuePath, YamlFile } from './yaml-file.ts';

/** The deadline of a case that names none, in milliseconds. */
export const defaultDeadlineMs = 20_000;

interface WrittenCase {
  readonly case: string;
  readonly title: string;
  readonly clauses: readonly string[];
  readonly capabilities?: readonly string[];
  readonly needs?: readonly GatewayNeed[];
  readonly deadline?: string;
  readonly note?: string;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

interface WrittenSuite {
  readonly suite: string;
  readonly cases: readonly WrittenCase[];
}

/**
 * Reads and checks the cases for gateways: every `.yaml` of a folder, by name.
 * @param folder default: `fixtures/gateway` of this package
 * @throws FixtureError with every mistake in them
 */
export async function loadGatewayCases(
  contract: Clauses,
  folder = join(packageRoot(), 'fixtures', 'gateway'),
): Promise<readonly GatewayCase[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const problems: FixtureProblem[] = [];
  const cases: GatewayCase[] = [];
  for (const path of names.map((name) => join(folder, name))) {
    const reading = await readSuite(path, contract);
    problems.push(...reading.problems);
    for (const each of reading.cases) {
      const twin = cases.find(({ id }) => id === each.id);
      if (twin === undefined) cases.push(each);
      else {
        const message = `${each.id} is in ${twin.source.file}:${twin.source.line} already`;
        problems.push({ ...each.source, column: 1, message });
      }
    }
  }
  if (problems.length > 0) throw new FixtureError(problems);
  return cases;
}

async function readSuite(
  path: string,
  contract: Clauses,
): Promise<{ readonly cases: readonly GatewayCase[]; readonly problems: readonly FixtureProblem[] }> {
  const file = await readYaml(path);
  if (!(file instanceof YamlFile)) return { cases: [], problems: file };
  const validate = packageSchema('gateway-suite');
  if (!validate(file.value)) {
    const wording = { place: describePlace, caseName: (place: ValuePath) => caseName(file, place) };
    return { cases: [], problems: schemaProblems(file, validate.errors ?? [], wording) };
  }
  const written = file.value as WrittenSuite;
  const problems = written.cases.flatMap(({ clauses }, index) =>
    clauses.flatMap((id, at) => {
      const message = clauseMistake(id, at, contract);
      const place = ['cases', index, 'clauses', at];
      return message === undefined
        ? []
        : [file.problem(file.positionOf(place), `${caseName(file, place)}${message}`, hintFor(id, contract))];
    }),
  );
  return { cases: written.cases.map((_, index) => makeCase(file, { written, index, contract })), problems };
}

async function readYaml(path: string): Promise<YamlFile | readonly FixtureProblem[]> {
  const label = relative(packageRoot(), path);
  try {
    const name = label.startsWith('..') || isAbsolute(label) ? path : label;
    return new YamlFile(name, await readFile(path));
  } catch (error) {
    if (error instanceof FixtureError) return error.problems;
    throw error;
  }
}

function clauseMistake(id: string, at: number, contract: Clauses): string | undefined {
  const clause = contract.get(id);
  if (clause === undefined) return `the contract has no clause ${id}`;
  if (at === 0 && clause.level !== 'gateway') return `${id} is the main clause and does not bind gateways`;
  return undefined;
}

function hintFor(id: string, contract: Clauses): string | undefined {
  const meant = contract.has(id) ? undefined : nearest(id, contract.keys());
  return meant === undefined ? undefined : `did you mean "${meant}"?`;
}

function makeCase(
  file: YamlFile,
  parts: { readonly written: WrittenSuite; readonly index: number; readonly contract: Clauses },
): GatewayCase {
  const { written: suite, index, contract } = parts;
  const written = suite.cases[index] as WrittenCase;
  const path = ['cases', index];
  const main = contract.get(written.clauses[0] ?? '');
  const lineOf = (place: ValuePath) => file.positionOf(place).line;
  return {
    kind: 'gateway',
    id: `${suite.suite}/${written.case}`,
    suite: suite.suite,
    title: written.title,
    clauses: written.clauses,
    level: 'gateway',
    ...(main?.weight === 'MUST' ? {} : { advisory: true }),
    revisions: expandRevisions([main?.revisions ?? 'all']),
    needs: {},
    alone: true,
    deadlineMs: parseDuration(written.deadline ?? '') ?? defaultDeadlineMs,
    note: written.note,
    source: { file: file.file, line: lineOf(path) },
    capabilities: [...(written.capabilities ?? [])].sort(),
    gatewayNeeds: written.needs ?? [],
    steps: written.steps.flatMap((step, at) =>
      Object.entries(step).map(([verb, argument]) => ({
        verb,
        argument,
        source: { file: file.file, line: lineOf([...path, 'steps', at]) },
      })),
    ),
  };
}
