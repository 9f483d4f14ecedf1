import { join } from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import { packageRoot } from '../../base/package.ts';
import type { CaseHead, DataCase } from '../case/case.ts';
import type { GatewayCase } from '../case/gateway-case.ts';
import { type Clauses, loadClauses } from './clauses.ts';
import { absence, namesIn, readYaml, suiteFiles } from './files.ts';
import { gatewaySuites } from './gateway-suites.ts';
import { schemaErrors } from './package-schema.ts';
import { runtimeSuites } from './runtime-suites.ts';
import { schemaProblems } from './schema-problems.ts';
import { readSuite, type Suite, type SuiteKind, type SuiteScope, type WrittenCase } from './suite-file.ts';
import type { MainClauses } from './words/steps.ts';
import { FixtureError, type FixtureProblem, type ValuePath } from './yaml-file.ts';

/** Claims of auth contexts by the name that cases use for them. */
export type Identities = ReadonlyMap<string, JsonObject>;

/** Options of `loadFixtures`. */
export interface LoadOptions {
  /** The folder with `cases/` and `identities.yaml`. */
  readonly directory: string;
  /** Additional identities. Those of the folder override them. If given, `identities.yaml` is optional. */
  readonly identities?: Identities;
  /** Default: the clauses of this package's CONTRACT.md. */
  readonly clauses?: Clauses;
  /** Cases outside the folder that setup steps may reference, with their main clauses. */
  readonly mainClauses?: MainClauses;
}

/** The checked content of a folder of fixtures. */
export interface FixtureSet {
  /** The cases, sorted by the path of their file and then in the order of the file. */
  readonly cases: readonly DataCase[];
  readonly identities: Identities;
  readonly suites: readonly Suite<DataCase>[];
}

/** The valid fixtures, and the problems in the invalid ones. */
interface Reading<Value> {
  readonly value: Value;
  readonly problems: readonly FixtureProblem[];
}

/**
 * Reads and checks a folder of fixtures: `identities.yaml` and every `.yaml` below `cases/`.
 * @throws FixtureError with every mistake in the folder
 */
export async function loadFixtures(options: LoadOptions): Promise<FixtureSet> {
  const folder = join(packageRoot(), 'fixtures');
  const [contract, own, schemas, vectors] = await Promise.all([
    options.clauses ?? loadClauses(packageRoot()),
    loadIdentities(options),
    namesIn(join(folder, 'schema', 'mcp'), '.schema.json'),
    namesIn(join(folder, 'vectors'), '.bin'),
  ]);
  const identities = new Map([...(options.identities ?? []), ...own.value]);
  const kind = runtimeSuites(contract, { schemas, vectors, identities: new Set(identities.keys()) });
  const scope = { contract, mainClauses: options.mainClauses ?? new Map() };
  const { value: suites, problems } = await loadSuites(join(options.directory, 'cases'), kind, scope);
  refuse([...own.problems, ...problems]);
  return { cases: suites.flatMap(({ cases }) => cases), identities, suites };
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
  const scope = { contract, mainClauses: new Map() };
  const { value: suites, problems } = await loadSuites(folder, gatewaySuites(contract), scope);
  refuse(problems);
  return suites.flatMap(({ cases }) => cases);
}

async function loadSuites<Written extends WrittenCase, Case extends CaseHead>(
  folder: string,
  kind: SuiteKind<Written, Case>,
  { contract, mainClauses: others }: SuiteScope,
): Promise<Reading<readonly Suite<Case>[]>> {
  const files = await suiteFiles(folder);
  const problems = [...files.problems];
  const suites: Suite<Case>[] = [];
  const contents = await Promise.all(files.paths.map((path) => readYaml(path)));
  const mainClauses = new Map([...others, ...contents.flatMap(({ file }) => mainClausesIn(file?.value))]);
  for (const { file, ...content } of contents) {
    problems.push(...content.problems);
    if (file === undefined) continue;
    const reading = readSuite(file, kind, { contract, mainClauses });
    problems.push(...reading.problems);
    if (reading.suite === undefined) continue;
    const twin = suites.find(({ name }) => name === reading.suite?.name);
    if (twin === undefined) suites.push(reading.suite);
    else {
      const message = `the suite name "${twin.name}" is already used in ${twin.file}; rename one of the two`;
      problems.push(file.problem(file.positionOf(['suite']), message));
    }
  }
  return { value: suites, problems };
}

/** The main clauses of a suite's cases, before the suite is checked. */
function mainClausesIn(suite: unknown): readonly (readonly [id: string, clause: string])[] {
  const { suite: name, cases }: { suite?: unknown; cases?: unknown } = Object(suite);
  return (Array.isArray(cases) ? cases : []).flatMap((each: unknown) => {
    const { case: own, clauses }: { case?: unknown; clauses?: unknown } = Object(each);
    const main: unknown = Array.isArray(clauses) ? clauses[0] : undefined;
    return typeof main === 'string' ? [[`${name}/${own}`, main] as const] : [];
  });
}

async function loadIdentities(options: LoadOptions): Promise<Reading<Identities>> {
  const { file, problems } = await readYaml(join(options.directory, 'identities.yaml'));
  if (file === undefined) {
    const isAbsent = problems.some(({ message }) => message === absence);
    return { value: new Map(), problems: isAbsent && options.identities !== undefined ? [] : problems };
  }
  const errors = schemaErrors('identities', file.value);
  if (errors.length === 0) {
    return { value: new Map(Object.entries(file.value as Record<string, JsonObject>)), problems };
  }
  const place = (path: ValuePath) => (path.length === 0 ? 'in the file' : `in ${path.join('/')}`);
  const wording = { place, caseName: () => '' };
  return { value: new Map(), problems: schemaProblems(file, errors, wording) };
}

function refuse(problems: readonly FixtureProblem[]): void {
  if (problems.length > 0) throw new FixtureError(problems);
}
