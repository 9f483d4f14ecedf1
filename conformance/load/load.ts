import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { errorMessage } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import type { DataCase } from '../case/case.ts';
import { type Clauses, loadClauses } from './clauses.ts';
import { type Identities, readIdentities } from './identities-file.ts';
import { FixtureError, type FixtureProblem } from './problem.ts';
import { readSuite, type Suite } from './suite-file.ts';
import { YamlFile } from './yaml-file.ts';

export interface LoadOptions {
  /** The folder with `cases/` and `identities.yaml`. */
  readonly directory: string;
  /** Identities that cases may use besides those of the folder, which take precedence; then its file may be absent. */
  readonly identities?: Identities;
  /** Default: those of this package's CONTRACT.md. */
  readonly clauses?: Clauses;
}

/** Everything that a folder of fixtures holds, checked. */
export interface FixtureSet {
  /** In the order of the files, by path, and within them. */
  readonly cases: readonly DataCase[];
  readonly identities: Identities;
  readonly suites: readonly Suite[];
}

/**
 * Reads and checks a folder of fixtures: `identities.yaml` and every `.yaml` below `cases/`.
 * @throws FixtureError with every mistake in it
 */
export async function loadFixtures(options: LoadOptions): Promise<FixtureSet> {
  const root = packageRoot();
  const [contract, own, schemas, vectors, files] = await Promise.all([
    options.clauses ?? loadClauses(root),
    loadIdentities(options),
    namesIn(join(root, 'fixtures', 'schema', 'mcp'), '.schema.json'),
    namesIn(join(root, 'fixtures', 'vectors'), '.bin'),
    suiteFiles(join(options.directory, 'cases')),
  ]);
  const identities = new Map([...(options.identities ?? []), ...own.identities]);
  const context = { contract, schemas, vectors, identities: new Set(identities.keys()) };
  const problems = [...own.problems, ...files.problems];
  const suites: Suite[] = [];
  const contents = await Promise.all(files.paths.map((path) => readYaml(path)));
  for (const content of contents) {
    if (content.file === undefined) {
      problems.push(...content.problems);
      continue;
    }
    const reading = readSuite(content.file, context);
    problems.push(...reading.problems);
    const twin = suites.find(({ name }) => name === reading.suite?.name);
    if (twin !== undefined) {
      const message = `the suite "${twin.name}" is in ${twin.file} already`;
      problems.push(content.file.problem(content.file.positionOf(['suite']), message));
    } else if (reading.suite !== undefined) {
      suites.push(reading.suite);
    }
  }
  if (problems.length > 0) throw new FixtureError(problems);
  return { cases: suites.flatMap(({ cases }) => cases), identities, suites };
}

type Content =
  | { readonly file: YamlFile; readonly problems: readonly never[] }
  | { readonly file: undefined; readonly problems: readonly FixtureProblem[] };

async function readYaml(path: string): Promise<Content> {
  const label = labelOf(path);
  try {
    return { file: new YamlFile(label, await readFile(path)), problems: [] };
  } catch (error) {
    if (error instanceof FixtureError) return { file: undefined, problems: error.problems };
    return { file: undefined, problems: [unreadable(label, error)] };
  }
}

async function loadIdentities(
  options: LoadOptions,
): Promise<{ readonly identities: Identities; readonly problems: readonly FixtureProblem[] }> {
  const content = await readYaml(join(options.directory, 'identities.yaml'));
  if (content.file !== undefined) return readIdentities(content.file);
  const isAbsent = content.problems.some(({ message }) => message === absence);
  const problems = isAbsent && options.identities !== undefined ? [] : content.problems;
  return { identities: new Map(), problems };
}

async function suiteFiles(
  folder: string,
): Promise<{ readonly paths: readonly string[]; readonly problems: readonly FixtureProblem[] }> {
  const label = labelOf(folder);
  let entries: readonly Dirent[];
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    const hint = 'suites are files below cases/ in a folder of fixtures';
    return { paths: [], problems: [{ ...unreadable(label, error), hint }] };
  }
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  const paths = files.filter((path) => path.endsWith('.yaml')).sort();
  const misnamed = files.filter((path) => /\.(yml|json)$/.test(path)).sort();
  const problems = misnamed.map((path) => ({
    ...start(labelOf(path)),
    message: 'this file is not read',
    hint: 'name it .yaml',
  }));
  if (paths.length === 0 && problems.length === 0) {
    problems.push({ ...start(label), message: 'no suite is here', hint: 'put a .yaml file with cases here' });
  }
  return { paths, problems };
}

async function namesIn(folder: string, ending: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return new Set(names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length)));
}

const absence = 'there is no such file or folder';

function unreadable(file: string, error: unknown): FixtureProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: absence,
    EACCES: 'the permission to read it is missing',
    EISDIR: 'it is a folder, not a file',
    ENOTDIR: 'it is a file, not a folder',
  };
  const reason = reasons[code] ?? errorMessage(error);
  return { ...start(file), message: reason };
}

function start(file: string): { readonly file: string; readonly line: number; readonly column: number } {
  return { file, line: 1, column: 1 };
}

/** The path as messages name it: relative to the package where it is inside, else to the current folder if below it. */
function labelOf(path: string): string {
  const full = resolve(path);
  for (const base of [packageRoot(), process.cwd()]) {
    const inside = relative(base, full);
    if (inside !== '' && !inside.startsWith('..') && !isAbsolute(inside)) return inside;
  }
  return full;
}
