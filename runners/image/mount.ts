import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { badOption, type RunnerError } from '../runner.ts';

/** A folder, file or volume mounted into a container. */
export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** A path on this machine or the name of a volume. Empty for tmpfs. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/**
 * Parses a value of `--mount`: `SOURCE:TARGET[:ro]`, or Docker's long form `type=bind,source=…,target=…[,readonly]`. A
 * source that begins with a slash or a dot is a path on this machine. Any other source is a volume.
 * @throws RunnerError `bad-option`, also for a path that does not exist
 */
export function parseMount(value: string): Mount {
  const mount = value.includes('=') && !/^[./~]/.test(value) ? parseLongForm(value) : parseShortForm(value);
  if (!mount.target.startsWith('/')) {
    throw bad(value, `the target ${JSON.stringify(mount.target)} is not an absolute path`);
  }
  if (mount.type === 'bind') {
    const source = resolve(mount.source);
    // Docker would create a missing folder as root.
    if (!existsSync(source)) throw bad(value, `there is no ${source}`);
    return { ...mount, source };
  }
  return mount;
}

function parseShortForm(value: string): Mount {
  const [source = '', target = '', mode = 'rw', ...rest] = value.split(':');
  if (source === '' || target === '' || rest.length > 0) {
    throw bad(value, 'it is not SOURCE:TARGET or SOURCE:TARGET:ro');
  }
  if (mode !== 'ro' && mode !== 'rw') throw bad(value, `the mode ${mode} is neither ro nor rw`);
  const type = isAbsolute(source) || source.startsWith('.') ? 'bind' : 'volume';
  return { type, source, target, readOnly: mode === 'ro' };
}

function parseLongForm(value: string): Mount {
  const fields = { type: 'volume', source: '', target: '', readonly: 'false' };
  for (const part of value.split(',')) {
    const [key = '', ...rest] = part.split('=');
    const name = longFormKeys.get(key);
    if (name === undefined) {
      throw bad(value, `unknown key ${key}, expected one of ${[...longFormKeys.keys()].join(', ')}`);
    }
    fields[name] = name === 'readonly' && rest.length === 0 ? 'true' : rest.join('=');
  }
  const { type, source, target } = fields;
  if (type !== 'bind' && type !== 'volume' && type !== 'tmpfs') {
    throw bad(value, `unknown type ${type}, expected one of bind, volume, tmpfs`);
  }
  if (source === '' && type === 'bind') throw bad(value, 'the source is missing');
  return { type, source, target, readOnly: fields.readonly === 'true' || fields.readonly === '1' };
}

const longFormKeys = new Map<string, 'type' | 'source' | 'target' | 'readonly'>([
  ['type', 'type'],
  ['source', 'source'],
  ['src', 'source'],
  ['target', 'target'],
  ['dst', 'target'],
  ['destination', 'target'],
  ['readonly', 'readonly'],
  ['ro', 'readonly'],
]);

function bad(value: string, why: string): RunnerError {
  return badOption(
    `--mount ${value}: ${why}.`,
    'Write --mount ./data:/data, --mount ./data:/data:ro or --mount type=bind,source=…,target=….',
  );
}
