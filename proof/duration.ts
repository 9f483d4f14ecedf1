import { InvalidArgumentError } from 'commander';

/** Parses a time such as 90s, 10m or 1h, and returns its seconds. @throws InvalidArgumentError */
export function readSeconds(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,4})(s|m|h)$/.exec(text) ?? [];
  if (number === undefined)
    throw new InvalidArgumentError('Must be a whole number with s, m or h, such as 10m.');
  return Number(number) * { s: 1, m: 60, h: 3_600 }[unit as 's' | 'm' | 'h'];
}
