import { readFile } from 'node:fs/promises';
import { badOption } from '../runner.ts';

const variableName = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Reads a file that an option names. @throws RunnerError `bad-option`, with the advice */
export function readNamed(kind: string, file: string, advice: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const isAbsent = error.code === 'ENOENT';
    const absent = `There is no ${kind} ${file}.`;
    throw badOption(isAbsent ? absent : `The ${kind} ${file} cannot be read: ${error.message}.`, advice);
  });
}

/**
 * Reads a file of variables as `docker run --env-file` does: one `NAME=value` a line, taken as it is; `NAME` alone takes
 * the value that this process has; blank lines and lines that begin with # are skipped.
 * @throws RunnerError `bad-option` with file and line
 */
export async function readEnvFile(
  file: string,
  own: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Record<string, string>> {
  const text = await readNamed('environment file', file, 'Give --env-file a file that this user may read.');
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
 * Reads the values of `--env`: `NAME=value`, or `NAME` alone for the value that this process has.
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
      `${where}: ${JSON.stringify(name)} is no name of a variable.`,
      'Write NAME=value; a name has letters, digits and underscores, and begins with no digit.',
    );
  }
  const value = equals < 0 ? own[name] : entry.slice(equals + 1);
  if (value === undefined) return;
  if (value.includes('\0')) {
    throw badOption(`${where}: the value of ${name} has a NUL character.`, 'No variable can have one.');
  }
  environment[name] = value;
}
