import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { suggest } from '../../base/nearest.ts';
import { targetKinds } from '../../runners/kinds.ts';
import { listed } from '../text/text.ts';
import { type Configuration, readConfig } from './config-file.ts';
import { configFile } from './defaults.ts';
import { type NamedTarget, targetOf } from './target.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads the configuration.
 * @param path the file. Default: the file in the working folder, or an empty configuration if it does not exist
 * @param folder the working folder
 * @throws ConfigError
 */
export async function findConfig(path: string | undefined, folder: string): Promise<Configuration> {
  if (path !== undefined) return readConfig(path);
  const file = join(folder, configFile);
  return existsSync(file) ? readConfig(relative(process.cwd(), file)) : { targets: new Map() };
}

/**
 * Parses a value of `--target`: `NAME=KIND:VALUE`, such as `ts=image:my-runtime:latest` or `kit=embedded`, or the name
 * of a configured target.
 * @throws UsageError
 */
export function parseTarget(value: string, configured: Configuration['targets'] = new Map()): NamedTarget {
  const [, name = '', separator, spec = ''] = /^([^=]*)(=?)(.*)$/s.exec(value) ?? [];
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(name)) {
    throw new UsageError(
      `--target ${value}: write NAME=KIND:VALUE, such as ts=image:my-runtime:latest; a name consists of letters, digits, ".", "_" and "-"`,
    );
  }
  if (separator !== '') return { name, target: parseSpec(spec, value) };
  const target = configured.get(name);
  if (target !== undefined) return target;
  const values = targetKinds.filter(({ defaultValue }) => defaultValue === undefined);
  const forms = listed(values.map((kind) => `${name}=${kind.name}:…`));
  const hint = suggest(name, configured.keys(), `write ${forms}, or configure it in ${configFile}`);
  throw new UsageError(`--target ${name}: no configured target has this name; ${hint}`);
}

function parseSpec(spec: string, whole: string): NamedTarget['target'] {
  const [, word = '', , rest = ''] = /^([^:]*)(:?)(.*)$/s.exec(spec) ?? [];
  const kind = targetKinds.find(({ name }) => name === word);
  if (kind === undefined) {
    const names = targetKinds.map(({ name }) => name);
    const hint = suggest(word, names, `use ${listed(names)}`);
    throw new UsageError(`--target ${whole}: "${word}" is not a kind of target; ${hint}`);
  }
  const value = rest.trim() === '' ? kind.defaultValue : rest;
  if (value === undefined) {
    throw new UsageError(`--target ${whole}: ${kind.name} needs a value after the colon`);
  }
  const { name, takes, placeholder } = kind.flag;
  if (Array.isArray(takes) && !takes.includes(value)) {
    throw new UsageError(`--target ${whole}: the ${placeholder} must be ${listed(takes)}, not ${value}`);
  }
  return targetOf(kind, { [name]: value }, []);
}

/**
 * Returns the targets of the command line, or all configured targets if it names none.
 * @throws UsageError for an unknown or duplicate name
 */
export function chooseTargets(
  values: readonly string[],
  configured: Configuration['targets'],
): readonly NamedTarget[] {
  if (values.length === 0) return [...configured.values()];
  const seen = new Set<string>();
  return values.map((value) => {
    const target = parseTarget(value, configured);
    if (seen.has(target.name))
      throw new UsageError(`--target ${target.name}: this name is used twice; give each target its own name`);
    seen.add(target.name);
    return target;
  });
}

/**
 * Adds the files of known failures from `--known-failures NAME=FILE` to their targets.
 * @throws UsageError
 */
export function withKnownFailures(
  targets: readonly NamedTarget[],
  values: readonly string[],
): readonly NamedTarget[] {
  const files = new Map<string, string>();
  for (const value of values) {
    const [, name = '', file = ''] = /^([^=]*)=?(.*)$/s.exec(value) ?? [];
    if (file === '') {
      throw new UsageError(`--known-failures ${value}: write NAME=FILE, the target's name and its file`);
    }
    const names = targets.map((target) => target.name);
    if (!names.includes(name)) {
      const hint = suggest(name, names, `known targets: ${listed(names)}`);
      throw new UsageError(`--known-failures ${value}: unknown target ${name}; ${hint}`);
    }
    if (files.has(name))
      throw new UsageError(`--known-failures ${value}: ${name} already has a file; name one for each target`);
    files.set(name, file);
  }
  return targets.map((target) => ({
    ...target,
    knownFailures: files.get(target.name) ?? target.knownFailures,
  }));
}
