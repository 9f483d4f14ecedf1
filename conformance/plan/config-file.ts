import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { packageRoot } from '../../base/package.ts';
import { schemaProblems } from '../load/schema-problems.ts';
import {
  describeProblem,
  FixtureError,
  type FixtureProblem,
  type ValuePath,
  YamlFile,
} from '../load/yaml-file.ts';

/** The file that is read from the working folder where none is named. */
export const configFile = 'mcp-runtime-conformance.yaml';

/** A target as it is written; paths of files are resolved. Just one of the first four is there. */
export interface ConfiguredTarget {
  readonly image?: string;
  readonly command?: string;
  readonly socket?: string;
  readonly embedded?: 'conformance' | 'empty';
  readonly args: readonly string[];
  /** `NAME=value`, or `NAME` for the value of the environment. */
  readonly env: readonly string[];
  readonly envFiles: readonly string[];
  readonly socketVariable?: string;
  readonly transport?: 'auto' | 'bind' | 'relay';
  readonly network?: string;
  readonly mounts: readonly string[];
  readonly user?: string;
  readonly pull?: 'never' | 'missing' | 'always';
  readonly socketPath?: string;
  readonly relayImage?: string;
  readonly capabilities: readonly string[];
  readonly knownFailures?: string;
}

/** What a configuration file says; absent where it says nothing. */
export interface Configuration {
  /** By name, in the order of the file. */
  readonly targets: ReadonlyMap<string, ConfiguredTarget>;
  readonly level?: 'core' | 'strict';
  readonly capabilities?: readonly string[];
  /** A folder. */
  readonly fixtures?: string;
  readonly failOnSkip?: boolean;
  readonly timeoutSeconds?: number;
  readonly readyTimeoutSeconds?: number;
  readonly concurrency?: number;
  readonly together?: number;
}

/** A configuration file that cannot be used. The message has a line for each problem, `file:line:column what is wrong`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config-invalid';
  readonly problems: readonly FixtureProblem[];

  constructor(problems: readonly FixtureProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** @throws ConfigError where it cannot be read or used, with every mistake in it */
export async function readConfig(path: string): Promise<Configuration> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown cause';
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder, not a file'
          : `it cannot be read (${code})`;
    throw new ConfigError([{ file: path, line: 1, column: 1, message: why }]);
  }
  return parseConfig(path, bytes);
}

/**
 * Reads a configuration (`conformance/schemas/config.v1.schema.json`).
 * @param path of the file: for messages, and paths in it are relative to its folder
 * @throws ConfigError with every mistake in it
 */
export function parseConfig(path: string, bytes: Uint8Array): Configuration {
  const file = parseYaml(path, bytes);
  if (typeof file.value !== 'object' || file.value === null || Array.isArray(file.value)) {
    const message = 'the file has to be a mapping with "targets"';
    throw new ConfigError([file.problem(file.positionOf([]), message)]);
  }
  const validate = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(schema());
  if (!validate(file.value)) throw new ConfigError(problemsOf(file, validate.errors ?? []));
  return configuration(file, dirname(resolve(path)));
}

function schema(): object {
  const path = join(packageRoot(), 'conformance/schemas/config.v1.schema.json');
  return JSON.parse(readFileSync(path, 'utf8'));
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
  // Which of the four is missing nobody can say, so the schema's list of alternatives becomes one sentence.
  const [choices, others] = partition(errors, ({ schemaPath }) => schemaPath.includes('/anyOf'));
  const unnamed = choices
    .filter(({ keyword }) => keyword === 'anyOf')
    .map(({ instancePath }) => {
      const path: ValuePath = instancePath.split('/').slice(1);
      const message = `target ${String(path.at(-1))} does not say what it is`;
      return file.problem(file.positionOf(path), message, 'give it one of image, command, socket, embedded');
    });
  // A misspelt `image` is told as such.
  const misspelt = new Set(
    others
      .filter(({ keyword }) => keyword === 'additionalProperties')
      .map(({ instancePath }) => instancePath),
  );
  const told = schemaProblems(file, others, { place: placeOf, caseName: () => '' });
  const unexplained = unnamed.filter(
    (_, index) =>
      !misspelt.has(choices.filter(({ keyword }) => keyword === 'anyOf')[index]?.instancePath ?? ''),
  );
  return [...told, ...unexplained].sort((one, other) => one.line - other.line || one.column - other.column);
}

function partition<T>(
  items: readonly T[],
  test: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function placeOf(path: ValuePath): string {
  const [first, name, ...inner] = path;
  if (first === undefined) return 'in the file';
  if (first !== 'targets' || name === undefined) return `in "${String(first)}"`;
  const key = inner.find((segment) => typeof segment === 'string');
  return key === undefined ? `in target ${name}` : `in "${key}" of target ${name}`;
}

/** As the schema lets it through. */
interface Written {
  readonly targets: Readonly<Record<string, WrittenTarget>>;
  readonly level?: 'core' | 'strict';
  readonly capabilities?: readonly string[];
  readonly fixtures?: string;
  readonly 'fail-on-skip'?: boolean;
  readonly timeout?: number;
  readonly 'ready-timeout'?: number;
  readonly concurrency?: number;
  readonly together?: number;
}

interface WrittenTarget
  extends Pick<
    ConfiguredTarget,
    'image' | 'command' | 'socket' | 'embedded' | 'transport' | 'network' | 'user' | 'pull'
  > {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | number | boolean | null>>;
  readonly 'env-file'?: readonly string[];
  readonly 'socket-env'?: string;
  readonly mount?: readonly string[];
  readonly 'socket-path'?: string;
  readonly 'relay-image'?: string;
  readonly capabilities?: readonly string[];
  readonly 'known-failures'?: string;
}

function configuration(file: YamlFile, folder: string): Configuration {
  const written = file.value as Written;
  return {
    targets: new Map(
      Object.entries(written.targets).map(([name, target]) => [
        name,
        targetOf(target, { folder, source: (key) => file.sourceOf(['targets', name, 'env', key]) }),
      ]),
    ),
    level: written.level,
    capabilities: written.capabilities,
    fixtures: written.fixtures === undefined ? undefined : resolve(folder, written.fixtures),
    failOnSkip: written['fail-on-skip'],
    timeoutSeconds: written.timeout,
    readyTimeoutSeconds: written['ready-timeout'],
    concurrency: written.concurrency,
    together: written.together,
  };
}

function targetOf(
  written: WrittenTarget,
  { folder, source }: { readonly folder: string; readonly source: (key: string) => string | undefined },
): ConfiguredTarget {
  const file = (path: string): string => resolve(folder, path);
  const known = written['known-failures'];
  const { image, command, socket, embedded, transport, network, user, pull } = written;
  return {
    image,
    command,
    embedded,
    transport,
    network,
    user,
    pull,
    socket: socket === undefined ? undefined : file(socket),
    args: written.args ?? [],
    // A number or a word such as `yes` is meant as it is written.
    env: Object.entries(written.env ?? {}).map(([name, value]) =>
      value === null ? name : `${name}=${typeof value === 'string' ? value : (source(name) ?? value)}`,
    ),
    envFiles: (written['env-file'] ?? []).map(file),
    socketVariable: written['socket-env'],
    mounts: (written.mount ?? []).map((mount) => (/^\.\.?\//.test(mount) ? file(mount) : mount)),
    socketPath: written['socket-path'],
    relayImage: written['relay-image'],
    capabilities: written.capabilities ?? [],
    knownFailures: known === undefined ? undefined : file(known),
  };
}
