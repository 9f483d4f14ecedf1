import { readFile } from 'node:fs/promises';
import { badOption } from '../runner.ts';

const variableName = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Reads a file whose path an option gives. @throws RunnerError `bad-option` with the given advice */
export function readNamed(kind: string, file: string, advice: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const isAbsent = error.code === 'ENOENT';
    const absent = `There is no ${kind} ${file}.`;
    throw badOption(isAbsent ? absent : `The ${kind} ${file} cannot be read: ${error.message}.`, advice);
  });
}

/**
 * Reads a file of variables like `docker run --env-file`. Each line is `NAME=value`, without quoting, or `NAME`, which
 * copies the variable of this process. Blank lines and lines that begin with # are skipped.
 * @throws RunnerError `bad-option` with file and line
 */
export async function readEnvFile(
  file: string,
  own: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Record<string, string>> {
  const text = await readNamed('environment file', file, 'Pass --env-file a file that this user can read.');
  const environment: Record<string, string> = {};
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const entry = line.trimStart();
    if (entry !== '' && !entry.startsWith('#')) addVariable(environment, entry, `${file}:${index + 1}`, own);
  }
  return environment;
}

/**
 * Parses the values of `--env`: `NAME=value`, or `NAME` to copy the variable of this process.
 * @throws RunnerError `bad-option`
 */
export function parseEnvOptions(
  values: readonly string[],
  own: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const value of values) addVariable(environment, value, `--env ${value}`, own);
  return environment;
}

function addVariable(
  environment: Record<string, string>,
  entry: string,
  where: string,
  own: Readonly<Record<string, string | undefined>>,
): void {
  const equals = entry.indexOf('=');
  const name = equals < 0 ? entry.trimEnd() : entry.slice(0, equals);
  if (!variableName.test(name)) {
    throw badOption(
      `${where}: ${JSON.stringify(name)} is not a valid variable name.`,
      'Write NAME=value. A name consists of letters, digits and underscores, and does not begin with a digit.',
    );
  }
  const value = equals < 0 ? own[name] : entry.slice(equals + 1);
  if (value === undefined) return;
  if (value.includes('\0')) {
    throw badOption(`${where}: the value of ${name} has a NUL character.`, 'Remove it.');
  }
  environment[name] = value;
}
