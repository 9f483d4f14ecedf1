import { Option } from 'commander';
import { suggest } from '../../base/nearest.ts';
import { UsageError } from '../plan/usage-error.ts';
import { listed } from '../text/text.ts';

const daySeconds = 86_400;

/** Parses the text of an option. @throws UsageError */
type Read = (value: string, flag: string) => unknown;

class KeyedOption extends Option {
  readonly #key: string | undefined;
  /** The permitted values, if they are a fixed set. */
  choiceValues: readonly string[] | undefined;

  /** @param key member of the options for the value. Default: the flag in camel case */
  constructor(flags: string, description: string, key: string | undefined) {
    super(flags, description);
    this.#key = key;
  }

  override attributeName(): string {
    return this.#key ?? super.attributeName();
  }
}

/** Makes an option without a value. */
export function flag(flags: string, description: string): Option {
  return new Option(flags, description);
}

/** Makes an option with a text value, optionally parsed by `read`. It may occur once. */
export function text(flags: string, description: string, read?: Read, key?: string): Option {
  return keyed(flags, description, read, key);
}

function keyed(flags: string, description: string, read?: Read, key?: string): KeyedOption {
  const flag = flagOf(flags);
  let given = false;
  const option = new KeyedOption(flags, description, key);
  option.argParser((value: string) => {
    if (given) throw new UsageError(`${flag} is given twice`);
    given = true;
    return read ? read(checked(flag, value), flag) : checked(flag, value);
  });
  return option;
}

/** Makes an option that may occur several times. */
export function several(flags: string, description: string, key?: string): Option {
  const flag = flagOf(flags);
  return new KeyedOption(flags, description, key).argParser((value: string, all: string[] = []) => [
    ...all,
    checked(flag, value),
  ]);
}

/** Makes an option for a positive number of seconds, at most a day. `key` holds it in milliseconds. */
export function seconds(flags: string, description: string, key: string): Option {
  const read = (value: string, flag: string) => {
    const number = Number(value);
    if (number > 0 && number <= daySeconds) return number * 1_000;
    throw new UsageError(`${flag} must be a positive number of seconds, at most ${daySeconds}, not ${value}`);
  };
  return text(flags, description, read, key);
}

/** Makes an option for a whole number from 1 to `to`. */
export function whole(flags: string, description: string, to: number, key?: string): Option {
  const read = (value: string, flag: string) => {
    const number = Number(value);
    if (Number.isInteger(number) && number >= 1 && number <= to) return number;
    throw new UsageError(`${flag} must be a whole number from 1 to ${to}, not ${value}`);
  };
  return text(flags, description, read, key);
}

/** Makes an option for a whole number from 1 to `to`, which may be omitted. */
export function optionalWhole(
  flags: string,
  description: string,
  { to, omitted }: { readonly to: number; readonly omitted: number },
): Option {
  return whole(flags, description, to).preset(`${omitted}`);
}

/** Makes an option with a fixed set of values, which the help lists. */
export function choice(flags: string, description: string, values: readonly string[]): Option {
  const read = (value: string, flag: string) => {
    if (values.includes(value)) return value;
    const hint = suggest(value, values);
    throw new UsageError(`${flag} must be ${listed(values)}, not ${value}${hint && `; ${hint}`}`);
  };
  const option = keyed(flags, `${description}: ${values.join(', ')}`, read);
  option.choiceValues = values;
  return option;
}

/** Returns the permitted values of an option that `choice` made, otherwise undefined. */
export function choicesOf(option: Option): readonly string[] | undefined {
  return option instanceof KeyedOption ? option.choiceValues : undefined;
}

function checked(flag: string, value: string): string {
  if (value.trim() === '') throw new UsageError(`${flag} needs a value`);
  // A word that begins with `--` is probably the next option and not the value of this flag.
  if (value.startsWith('--')) throw new UsageError(`${flag} needs a value, but ${value} follows`);
  return value;
}

function flagOf(flags: string): string {
  return flags.split(' ')[0] ?? flags;
}
