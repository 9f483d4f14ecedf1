import { resolve } from 'node:path';
import type { TargetFlag } from '../target-kind.ts';
import type { EnvironmentChanges } from './socket-environment.ts';

/** What a target that the kit starts is given. */
export interface StartOptions {
  /** `NAME=value`, or `NAME` for the value of this process. */
  readonly env?: readonly string[];
  /** Files of variables, the later ones over the earlier. */
  readonly envFiles?: readonly string[];
  /** The one variable that carries the socket's path, in place of the contract's two. */
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
    description: 'a variable; without value, the one of this environment; several',
    key: 'env',
    takes: 'list',
    schema: {
      type: 'object',
      propertyNames: { title: variable.title, type: 'string', pattern: variable.pattern },
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
    },
    // A number or a word such as `yes` is meant as it is written.
    configured: ({ value, sourceOf }) =>
      Object.entries(value as Readonly<Record<string, string | number | boolean | null>>).map(
        ([name, content]) => {
          if (content === null) return name;
          return `${name}=${typeof content === 'string' ? content : (sourceOf(name) ?? content)}`;
        },
      ),
    // Reports end up in build logs. A name alone takes the caller's value.
    shown: (value) => {
      const [name = ''] = value.split('=');
      return /TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH/i.test(name) ? name : value;
    },
  },
  {
    name: 'env-file',
    placeholder: 'file',
    description: 'variables, one a line; several',
    key: 'envFiles',
    takes: 'list',
    configured: ({ value, folder }) => (value as readonly string[]).map((file) => resolve(folder, file)),
  },
  {
    name: 'socket-env',
    placeholder: 'name',
    description: "the variable for the socket's path, in place of the contract's",
    key: 'socketVariable',
    form: variable,
  },
] as const satisfies readonly TargetFlag<keyof StartOptions>[];

/** The variables of `--env` over those of `--env-file`. @throws RunnerError `bad-option` */
export async function environmentOf({ env = [], envFiles = [] }: StartOptions): Promise<EnvironmentChanges> {
  const { parseEnvOptions, readEnvFile } = await import('./env-file.ts');
  const layers = await Promise.all(envFiles.map((file) => readEnvFile(file)));
  return Object.assign({}, ...layers, parseEnvOptions(env));
}
