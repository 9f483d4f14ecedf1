import { isLosslessNumber } from './json.ts';

/**
 * A number as decimal digits: value = ± 0.DIGITS × 10^exponent. `digits` has no leading or trailing zeros. For zero it
 * is empty, and `negative` is false.
 */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const form = /^(?<sign>-?)(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:[eE](?<exponent>[+-]?\d+))?$/;

/** Returns the exact decimal of a number or `LosslessNumber`, or undefined for other values, NaN and infinities. */
export function decimalOf(value: unknown): Decimal | undefined {
  const token = isLosslessNumber(value) ? value.value : typeof value === 'number' ? String(value) : '';
  const parts = form.exec(token)?.groups;
  if (parts === undefined) return undefined;
  const whole = parts['whole'] ?? '';
  const all = `${whole}${parts['fraction'] ?? ''}`;
  const first = all.search(/[1-9]/);
  if (first === -1) return { negative: false, digits: '', exponent: 0 };
  // An exponent beyond the range of `number` becomes infinite, so the value still differs from every finite one.
  const exponent = whole.length - first + Number(parts['exponent'] ?? 0);
  return { negative: parts['sign'] === '-', digits: trimZeros(all.slice(first)), exponent };
}

/** Returns a negative number, zero or a positive number if `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const magnitude = compareMagnitudes(a, b);
  return a.negative ? -magnitude : magnitude;
}

/** Whether the number is an integer. */
export function isWhole({ digits, exponent }: Decimal): boolean {
  return exponent >= digits.length;
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.digits === '' || b.digits === '') return a.digits.length - b.digits.length;
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -1 : 1;
  return a.digits === b.digits ? 0 : a.digits < b.digits ? -1 : 1;
}

/** Does not use a regular expression, because that takes quadratic time on a long run of zeros in the middle. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
