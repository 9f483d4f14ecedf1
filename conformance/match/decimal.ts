import { isLosslessNumber } from './json.ts';

/**
 * A number by its decimal digits: value = ± 0.DIGITS × 10^exponent. No leading or trailing zeros in `digits`; zero has
 * none at all, and no sign.
 */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const form = /^(?<sign>-?)(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:[eE](?<exponent>[+-]?\d+))?$/;

/** The decimal of a number or a `LosslessNumber`, exactly; undefined for other values and for NaN and infinities. */
export function decimalOf(value: unknown): Decimal | undefined {
  const token = isLosslessNumber(value) ? value.value : typeof value === 'number' ? String(value) : '';
  const parts = form.exec(token)?.groups;
  if (parts === undefined) return undefined;
  const whole = parts['whole'] ?? '';
  const all = `${whole}${parts['fraction'] ?? ''}`;
  const first = all.search(/[1-9]/);
  if (first === -1) return { negative: false, digits: '', exponent: 0 };
  // An exponent too long for a number is infinite: such values differ from all others, which is all that matters.
  const exponent = whole.length - first + Number(parts['exponent'] ?? 0);
  return { negative: parts['sign'] === '-', digits: trimZeros(all.slice(first)), exponent };
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const magnitude = compareMagnitudes(a, b);
  return a.negative ? -magnitude : magnitude;
}

export function isWhole({ digits, exponent }: Decimal): boolean {
  return exponent >= digits.length;
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.digits === '' || b.digits === '') return a.digits.length - b.digits.length;
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -1 : 1;
  return a.digits === b.digits ? 0 : a.digits < b.digits ? -1 : 1;
}

/** Not by a regular expression: on a long run of zeros in the middle that would take the square of its length. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
