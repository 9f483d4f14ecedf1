import { nearest } from '../load/nearest.ts';
import { UsageError } from '../plan/usage-error.ts';
import { listed } from '../text/text.ts';

/** Readers for the value of one option; each throws a UsageError that names the option. */
export interface OptionValue {
  readonly text: (value: string) => string;
  readonly several: (value: string, previous: readonly string[] | undefined) => readonly string[];
  /** Positive, at most a day. */
  readonly seconds: (value: string) => number;
  readonly oneOf: (values: readonly string[]) => (value: string) => string;
  readonly wholeNumber: (range: { readonly from: number; readonly to: number }) => (value: string) => number;
}

const daySeconds = 86_400;

/** @param flag the option's name, such as `--level` */
export function optionValue(flag: string): OptionValue {
  const text = (value: string): string => {
    if (value.trim() === '') throw new UsageError(`${flag} needs a value`);
    // An option that follows at once was hardly meant as the value.
    if (value.startsWith('--')) throw new UsageError(`${flag} needs a value, but ${value} follows`);
    return value;
  };
  return {
    text,
    several: (value, previous = []) => [...previous, text(value)],
    seconds: (value) => {
      const number = Number(text(value));
      if (!(number > 0 && number <= daySeconds)) {
        throw new UsageError(
          `${flag} has to be a number of seconds above 0, at most ${daySeconds}, not ${value}`,
        );
      }
      return number;
    },
    oneOf: (values) => (value) => {
      if (values.includes(text(value))) return value;
      const near = nearest(value, values);
      throw new UsageError(
        `${flag} has to be ${listed(values)}, not ${value}${near === undefined ? '' : `; did you mean ${near}?`}`,
      );
    },
    wholeNumber:
      ({ from, to }) =>
      (value) => {
        const number = Number(text(value));
        if (Number.isInteger(number) && number >= from && number <= to) return number;
        throw new UsageError(`${flag} has to be a whole number from ${from} to ${to}, not ${value}`);
      },
  };
}
