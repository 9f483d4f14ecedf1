import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { whyUnreadable } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import { defaultTarget, kindOf, targetKinds } from '../../runners/kinds.ts';
import type { TargetFlag } from '../../runners/target-kind.ts';
import { contractReleases } from '../case/release.ts';
import { schemaProblems } from '../load/schema-problems.ts';
import {
  describeProblem,
  FixtureError,
  type FixtureProblem,
  type ValuePath,
  YamlFile,
} from '../load/yaml-file.ts';
import { ownItemsIn, type WrittenItems, withoutItems } from './own-items.ts';
import type { RunLimits } from './run-plan.ts';
import { type NamedTarget, targetOf } from './target.ts';

/** The settings in a configuration file. Missing settings are undefined. */
export interface Configuration extends RunLimits {
  /** Targets by name, in the order of the file. */
  readonly targets: ReadonlyMap<string, NamedTarget>;
  /** Number of targets that run concurrently. */
  readonly together?: number;
}

/** Thrown for an invalid configuration file. The message has a line `file:line:column problem` for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config-invalid';
  readonly problems: readonly FixtureProblem[];

  constructor(problems: readonly FixtureProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** Reads a configuration file. @throws ConfigError with every mistake, or if the file cannot be read */
export async function readConfig(path: string): Promise<Configuration> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new ConfigError([{ file: path, line: 1, column: 1, message: whyUnreadable(error) }]);
  });
  return parseConfig(path, bytes);
}

/**
 * Parses a configuration (`conformance/schemas/config.v1.schema.json`).
 * @param path the path of the file, for messages. Paths in the file are relative to its folder
 * @throws ConfigError with every mistake in the file
 */
export function parseConfig(path: string, bytes: Uint8Array): Configuration {
  const file = parseYaml(path, bytes);
  if (typeof file.value !== 'object' || file.value === null || Array.isArray(file.value)) {
    const message = 'the file must be a mapping with "targets" or "tools"';
    throw new ConfigError([file.problem(file.positionOf([]), message)]);
  }
  const schemaFile = join(packageRoot(), 'conformance/schemas/config.v1.schema.json');
  const schema: object = JSON.parse(readFileSync(schemaFile, 'utf8'));
  const validate = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(schema);
  if (!validate(file.value)) throw new ConfigError(problemsOf(file, validate.errors ?? []));
  return configuration(file, dirname(resolve(path)));
}

function parseYaml(path: string, bytes: Uint8Array): YamlFile {
  try {
    return new YamlFile(path, bytes);
  } catch (error) {
    if (error instanceof FixtureError) throw new ConfigError(error.problems);
    throw error;
  }
}

function problemsOf(file: YamlFile, errors: readonly ErrorObject[]): readonly FixtureProblem[] {
  // A target without a kind violates every alternative of the schema. One message replaces all these errors.
  const others = errors.filter(({ schemaPath }) => !schemaPath.includes('/anyOf'));
  // A misspelt kind is reported as an unknown key.
  const misspelt = others.filter(({ keyword }) => keyword === 'additionalProperties');
  const kinds = targetKinds.map(({ name }) => name).join(', ');
  const unnamed = errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .filter(({ instancePath }) => !misspelt.some((error) => error.instancePath === instancePath))
    .map(({ instancePath }) => {
      const path: ValuePath = instancePath.split('/').slice(1);
      const message = `target ${String(path.at(-1))} has no kind`;
      return file.problem(file.positionOf(path), message, `give it one of ${kinds}`);
    });
  const reported = schemaProblems(file, others, { place: placeOf, caseName: () => '' });
  return [...reported, ...unnamed].sort((one, other) => one.line - other.line || one.column - other.column);
}

function placeOf(path: ValuePath): string {
  const [first, name, ...inner] = path;
  if (first === undefined) return 'in the file';
  if (first !== 'targets' || name === undefined) return `in "${String(first)}"`;
  const key = inner.find((segment) => typeof segment === 'string');
  return key === undefined ? `in target ${name}` : `in "${key}" of target ${name}`;
}

/** The content of a file that has passed schema validation. */
interface Written
  extends Pick<
      Configuration,
      'level' | 'era' | 'transport' | 'capabilities' | 'fixtures' | 'concurrency' | 'together'
    >,
    WrittenItems {
  readonly targets?: Readonly<Record<string, WrittenTarget>>;
  /** YAML reads an unquoted release as a number. */
  readonly contract?: string | number;
  readonly 'fail-on-skip'?: boolean;
  readonly timeout?: number;
  readonly 'ready-timeout'?: number;
}

interface WrittenTarget extends WrittenItems {
  readonly args?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly 'known-failures'?: string;
  /** Names of kinds and of their flags. */
  readonly [key: string]: unknown;
}

function configuration(file: YamlFile, folder: string): Configuration {
  const written = file.value as Written;
  const {
    targets = {},
    contract,
    fixtures,
    timeout,
    'ready-timeout': readyTimeout,
    'fail-on-skip': failOnSkip,
    ...same
  } = withoutItems(written);
  const shared = ownItemsIn(written);
  const named = Object.entries(targets).map(([name, target]): [string, NamedTarget] => {
    const sourceOf = (key: string, inner: string) => file.sourceOf(['targets', name, key, inner]);
    const own = { ...shared, ...ownItemsIn(target) };
    return [name, { name, ...targetIn(target, folder, sourceOf), ...(isEmpty(own) ? {} : { own }) }];
  });
  return {
    ...same,
    ...(isEmpty(shared) ? {} : { own: shared }),
    targets: new Map(named),
    contract: contractReleases.find((release) => Number(release) === Number(contract)),
    fixtures: fixtures && resolve(folder, fixtures),
    failOnSkip,
    caseTimeoutMs: timeout && timeout * 1_000,
    readyTimeoutMs: readyTimeout && readyTimeout * 1_000,
  };
}

function isEmpty(items: object): boolean {
  return Object.keys(items).length === 0;
}

function targetIn(
  written: WrittenTarget,
  folder: string,
  sourceOf: (key: string, inner: string) => string | undefined,
): Omit<NamedTarget, 'name'> {
  const kind = targetKinds.find(({ name }) => written[name] !== undefined) ?? kindOf(defaultTarget);
  const read = (key: string, { configured }: TargetFlag): unknown => {
    const value = written[key];
    if (value === undefined || configured === undefined) return value;
    return configured({ value, folder, sourceOf: (inner) => sourceOf(key, inner) });
  };
  const values = {
    ...Object.fromEntries(kind.flags.map((flag) => [flag.name, read(flag.name, flag)])),
    [kind.flag.name]: read(kind.name, kind.flag),
  };
  const known = written['known-failures'];
  return {
    target: targetOf(kind, values, written.args ?? []),
    capabilities: written.capabilities,
    knownFailures: known && resolve(folder, known),
  };
}
