import { Option } from 'commander';
import { nearest } from '../load/nearest.ts';
import { UsageError } from '../plan/usage-error.ts';
import { listed } from '../text/text.ts';

const daySeconds = 86_400;

/** An option with a text for its value, which `read` may turn into something else. It may come once. */
export function text(
  flags: string,
  description: string,
  read: (value: string, flag: string) => unknown = (value) => value,
): Option {
  const flag = flagOf(flags);
  let given = false;
  return new Option(flags, description).argParser((value: string) => {
    if (given) throw new UsageError(`${flag} is given twice`);
    given = true;
    return read(checked(flag, value), flag);
  });
}

/** An option that may come several times. */
export function several(flags: string, description: string): Option {
  const flag = flagOf(flags);
  return new Option(flags, description).argParser((value: string, previous: readonly string[] = []) => [
    ...previous,
    checked(flag, value),
  ]);
}

/** An option with a number of seconds for its value: positive, at most a day. */
export function seconds(flags: string, description: string): Option {
  return text(flags, description, (value, flag) => {
    const number = Number(value);
    if (number > 0 && number <= daySeconds) return number;
    throw new UsageError(
      `${flag} has to be a number of seconds above 0, at most ${daySeconds}, not ${value}`,
    );
  });
}

/** An option with a whole number from 1 for its value. */
export function whole(flags: string, description: string, to: number): Option {
  return text(flags, description, (value, flag) => {
    const number = Number(value);
    if (Number.isInteger(number) && number >= 1 && number <= to) return number;
    throw new UsageError(`${flag} has to be a whole number from 1 to ${to}, not ${value}`);
  });
}

/** An option with one of a few values, which the help lists. */
export function choice(flags: string, description: string, values: readonly string[]): Option {
  return text(flags, `${description}: ${values.join(', ')}`, (value, flag) => {
    if (values.includes(value)) return value;
    const near = nearest(value, values);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    throw new UsageError(`${flag} has to be ${listed(values)}, not ${value}${hint}`);
  });
}

function checked(flag: string, value: string): string {
  if (value.trim() === '') throw new UsageError(`${flag} needs a value`);
  // An option that follows at once was hardly meant as the value.
  if (value.startsWith('--')) throw new UsageError(`${flag} needs a value, but ${value} follows`);
  return value;
}

function flagOf(flags: string): string {
  return flags.split(' ')[0] ?? flags;
}
