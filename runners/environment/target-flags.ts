import { resolve } from 'node:path';
import type { TargetFlag } from '../target-kind.ts';
import type { EnvironmentChanges } from './socket-environment.ts';

/** Options of every target that the kit starts. */
export interface StartOptions {
  /** Variables: `NAME=value`, or `NAME` to copy the variable of this process. */
  readonly env?: readonly string[];
  /** Files of variables. Later files win. */
  readonly envFiles?: readonly string[];
  /** The variable for the socket path. It replaces the variables of the contract. */
  readonly socketVariable?: string;
  /** Arguments of the target. */
  readonly args?: readonly string[];
}

const variable = { pattern: '^[A-Za-z_][A-Za-z0-9_]*$', title: 'the name of a variable' };

/** The flags of every target that the kit starts. */
export const startFlags = [
  {
    name: 'env',
    placeholder: 'name=value',
    description:
      'an environment variable; without a value, the value is copied from this environment; repeatable',
    key: 'env',
    takes: 'list',
    schema: {
      type: 'object',
      propertyNames: { title: variable.title, type: 'string', pattern: variable.pattern },
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
    },
    // Uses the source text, because YAML would change a value such as `010` or `1e3`.
    configured: ({ value, sourceOf }) =>
      Object.entries(value as Readonly<Record<string, string | number | boolean | null>>).map(
        ([name, content]) => {
          if (content === null) return name;
          return `${name}=${typeof content === 'string' ? content : (sourceOf(name) ?? content)}`;
        },
      ),
    // Reports end up in build logs, so secrets are shown by name only.
    shown: (value) => {
      const [name = ''] = value.split('=');
      return /TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH/i.test(name) ? name : value;
    },
  },
  {
    name: 'env-file',
    placeholder: 'file',
    description: 'a file with one variable per line; repeatable',
    key: 'envFiles',
    takes: 'list',
    configured: ({ value, folder }) => (value as readonly string[]).map((file) => resolve(folder, file)),
  },
  {
    name: 'socket-env',
    placeholder: 'name',
    description: 'the variable that receives the socket path, instead of the variables in the contract',
    key: 'socketVariable',
    form: variable,
  },
] as const satisfies readonly TargetFlag<keyof StartOptions>[];

const inheritedName = {
  pattern: '^(\\*|[A-Za-z_][A-Za-z0-9_]*\\*?)$',
  title: 'the name of a variable, or the start of names followed by *',
};

/** The flag for variables that a program on this machine inherits. */
export const inheritFlag = {
  name: 'env-inherit',
  placeholder: 'name',
  description:
    'a variable of this environment to pass on, such as MY_KEY or MY_*; without a name, all of them; repeatable',
  key: 'inherit',
  takes: 'list',
  omitted: '*',
  form: inheritedName,
  schema: {
    anyOf: [
      { const: true },
      {
        type: 'array',
        items: { title: inheritedName.title, type: 'string', pattern: inheritedName.pattern },
      },
    ],
  },
  configured: ({ value }) => (value === true ? ['*'] : (value as readonly string[])),
} as const satisfies TargetFlag;

/** Returns the variables of `--env-file`, overridden by those of `--env`. @throws RunnerError `bad-option` */
export async function environmentOf({ env = [], envFiles = [] }: StartOptions): Promise<EnvironmentChanges> {
  const { parseEnvOptions, readEnvFile } = await import('./env-file.ts');
  const layers = await Promise.all(envFiles.map((file) => readEnvFile(file)));
  return Object.assign({}, ...layers, parseEnvOptions(env));
}
