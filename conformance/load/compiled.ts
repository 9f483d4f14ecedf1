import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import { packageRoot } from '../../base/package.ts';
import type { DataCase } from '../case/case.ts';
import type { FixtureSet } from './load.ts';
import type { Suite } from './suite-file.ts';

/** The file in which `npm run build` stores the checked fixtures. */
const compiledFile = join('dist', 'fixtures.json');

interface Compiled {
  readonly digest: string;
  readonly suites: readonly Suite<DataCase>[];
  readonly identities: readonly [string, JsonObject][];
}

/**
 * Loads the fixtures of this package. Parsing and checking the YAML files takes longer than running many of the cases,
 * so the build stores the result. The stored result is valid only while no source file has changed.
 * @throws FixtureError
 */
export async function loadOwnFixtures(): Promise<FixtureSet> {
  const [digest, compiled] = await Promise.all([digestOfSources(), readCompiled()]);
  if (compiled?.digest === digest) {
    const { suites } = compiled;
    return { suites, cases: suites.flatMap(({ cases }) => cases), identities: new Map(compiled.identities) };
  }
  return loadFromSource();
}

/** Reads and checks the fixtures of this package and stores the result for later starts. @throws FixtureError */
export async function compileFixtures(): Promise<FixtureSet> {
  const digest = await digestOfSources();
  const fixtures = await loadFromSource();
  const compiled: Compiled = { digest, suites: fixtures.suites, identities: [...fixtures.identities] };
  await writeFile(join(packageRoot(), compiledFile), JSON.stringify(compiled));
  return fixtures;
}

async function loadFromSource(): Promise<FixtureSet> {
  // Loads the parser and the schema validator only when they are needed.
  const { loadFixtures } = await import('./load.ts');
  return loadFixtures({ directory: join(packageRoot(), 'fixtures') });
}

async function readCompiled(): Promise<Compiled | undefined> {
  try {
    return JSON.parse(await readFile(join(packageRoot(), compiledFile), 'utf8'));
  } catch {
    return undefined;
  }
}

async function digestOfSources(): Promise<string> {
  const root = packageRoot();
  const entries = await readdir(join(root, 'fixtures'), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const sources = [...paths, join(root, 'proto', 'CONTRACT.md'), join(root, 'package.json')];
  const hash = createHash('sha256');
  for (const content of await Promise.all(sources.map((path) => readFile(path)))) {
    hash.update(`${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
