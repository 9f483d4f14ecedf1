import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Option } from 'commander';
import { formatNames } from '../../formats/index.ts';
import { choicesOf } from '../option-values.ts';

/** The values that fit an option. */
export interface Completion {
  readonly values?: readonly string[];
  readonly paths?: 'files' | 'folders';
  /** The start of the incomplete value that is not part of the path. */
  readonly prefix?: string;
}

/** The command line of an option. */
export interface CompletionContext {
  /** The name of the command. */
  readonly command: string;
  /** The words before the incomplete one. */
  readonly before: readonly string[];
}

type Complete = (start: string, context: CompletionContext) => Completion | Promise<Completion>;

const files: Complete = () => ({ paths: 'files' });

/** How to complete a value, by the placeholder in the flags of its option. */
const byPlaceholder: Readonly<Record<string, Complete>> = {
  file: files,
  path: files,
  command: files,
  'file or URL': files,
  'ref or file': files,
  'file#service': files,
  folder: () => ({ paths: 'folders' }),
  json: (start) => (start.startsWith('@') ? { paths: 'files', prefix: '@' } : { values: ['@'] }),
  image: async () => ({ values: await images() }),
  id: async (_, context) => ({ values: await subjects(context) }),
  'kind=file,...': (start) => {
    const [, kind] = /^([a-z]+=)/.exec(start) ?? [];
    return kind === undefined
      ? { values: formatNames.map((name) => `${name}=`) }
      : { paths: 'files', prefix: kind };
  },
  'name=kind:value': async () => ({ values: await targetNames() }),
  'name=file': async (start) => {
    const [, name] = /^([^=]+=)/.exec(start) ?? [];
    if (name !== undefined) return { paths: 'files', prefix: name };
    return { values: (await targetNames()).map((each) => `${each}=`) };
  },
};

/** How to complete a value, by the name of its option. */
const byName: Readonly<Record<string, Complete>> = {
  suite: async (_, context) => ({ values: [...(await loadedNames(context)).suites] }),
  case: async (_, context) => {
    const { cases, suites } = await loadedNames(context);
    return { values: [...cases, ...[...suites].map((suite) => `${suite}/*`)] };
  },
  capability: async (_, context) => ({ values: [...(await loadedNames(context)).capabilities] }),
};

/** Placeholders of values that only the user knows. */
export const freePlaceholders: ReadonlySet<string> = new Set([
  'address:port',
  'audience',
  'bytes',
  'host',
  'issuer',
  'name',
  'name: value',
  'name=value',
  'number',
  'number/s',
  'origin',
  'percent',
  'seconds',
  'source:target',
  'time',
  'token',
  'uid:gid',
  'url',
]);

/** Returns the text between the angle brackets of an option: `file` for `--config <file>`. */
export function placeholderOf({ flags }: Option): string {
  return /[<[](.+)[>\]]$/.exec(flags)?.[1] ?? '';
}

/** Returns whether the values of an option can be completed. */
export function isCompletable(option: Option): boolean {
  return (
    choicesOf(option) !== undefined ||
    Object.hasOwn(byName, option.name()) ||
    Object.hasOwn(byPlaceholder, placeholderOf(option))
  );
}

/** Returns the values that fit an option. Empty if they cannot be found out. */
export async function completionOf(
  option: Option,
  start: string,
  context: CompletionContext,
): Promise<Completion> {
  const choices = choicesOf(option);
  if (choices !== undefined) return { values: choices };
  const complete = byName[option.name()] ?? byPlaceholder[placeholderOf(option)];
  try {
    return (await complete?.(start, context)) ?? {};
  } catch {
    // For example an invalid folder of fixtures. A completion must not print errors.
    return {};
  }
}

interface Names {
  readonly cases: readonly string[];
  readonly suites: ReadonlySet<string>;
  readonly clauses: readonly string[];
  readonly capabilities: ReadonlySet<string>;
}

async function loadedNames({ command, before }: CompletionContext): Promise<Names> {
  const { cases, clauses } = await (command === 'check-gateway' ? gatewayCases() : runtimeCases(before));
  const prefix = 'capability:';
  return {
    cases: cases.map(({ id }) => id),
    suites: new Set(cases.map(({ suite }) => suite)),
    clauses: [...clauses.keys()],
    capabilities: new Set(
      cases.flatMap(({ level }) => (level.startsWith(prefix) ? [level.slice(prefix.length)] : [])),
    ),
  };
}

async function runtimeCases(before: readonly string[]) {
  const { loadSuite } = await import('../../load/load-suite.ts');
  const at = before.indexOf('--fixtures');
  return loadSuite(at < 0 ? undefined : before[at + 1]);
}

async function gatewayCases() {
  const { packageRoot } = await import('../../../base/package.ts');
  const { loadClauses } = await import('../../load/clauses.ts');
  const { loadGatewayCases } = await import('../../load/load.ts');
  const clauses = await loadClauses(packageRoot());
  return { cases: await loadGatewayCases(clauses), clauses };
}

async function subjects(context: CompletionContext): Promise<readonly string[]> {
  const { cases, suites, clauses } = await loadedNames(context);
  return [...cases, ...suites, ...clauses];
}

async function targetNames(): Promise<readonly string[]> {
  const { findConfig } = await import('../../plan/targets.ts');
  return [...(await findConfig(undefined, process.cwd())).targets.keys()];
}

const dockerMs = 3_000;

/** Lists the images of the Docker daemon that have a name. */
async function images(): Promise<readonly string[]> {
  const words = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'];
  const { stdout } = await promisify(execFile)('docker', words, { timeout: dockerMs });
  return stdout.split('\n').filter((name) => name !== '' && !name.includes('<none>'));
}
