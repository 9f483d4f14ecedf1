import { compareDecimals, decimalOf } from './decimal.ts';
import { isLosslessNumber } from './json.ts';

/**
 * Returns the same text for two JSON values if and only if they are equal: it sorts members by name and normalizes
 * numbers. Iterative, so that a deeply nested value cannot overflow the stack.
 */
export function canonical(root: unknown): string {
  const parts: string[] = [];
  const waiting: PendingPart[] = [{ value: root }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if ('text' in next) parts.push(next.text);
    else if (Array.isArray(next.value)) pushArray(next.value, parts, waiting);
    else if (isObject(next.value)) pushObject(next.value, parts, waiting);
    else parts.push(scalar(next.value));
  }
  return parts.join('');
}

/** Whether two JSON values are equal. Ignores the order of members and the notation of numbers. Iterative. */
export function equals(one: unknown, other: unknown): boolean {
  const waiting: (readonly [unknown, unknown])[] = [[one, other]];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [a, b] = pair;
    if (a === b) continue;
    if (Array.isArray(a) && Array.isArray(b)) {
      if (a.length !== b.length) return false;
      for (let index = 0; index < a.length; index += 1) waiting.push([a[index], b[index]]);
    } else if (isObject(a) && isObject(b)) {
      const keys = Object.keys(a);
      if (keys.length !== Object.keys(b).length || !keys.every((key) => Object.hasOwn(b, key))) return false;
      for (const key of keys) waiting.push([a[key], b[key]]);
    } else if (!areSameNumber(a, b)) return false;
  }
  return true;
}

function areSameNumber(a: unknown, b: unknown): boolean {
  const [one, other] = [decimalOf(a), decimalOf(b)];
  return one !== undefined && other !== undefined && compareDecimals(one, other) === 0;
}

/** Whether a value is a JSON object. A lossless number is not an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

/** Returns a member of a JSON object, or undefined if it is missing or the value is not an object. */
export function memberOf(value: unknown, name: string): { readonly value: unknown } | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? { value: value[name] } : undefined;
}

type PendingPart = { readonly value: unknown } | { readonly text: string };

function pushArray(items: readonly unknown[], parts: string[], waiting: PendingPart[]): void {
  parts.push('[');
  waiting.push({ text: ']' });
  for (let index = items.length - 1; index >= 0; index -= 1) {
    waiting.push({ text: ',' }, { value: items[index] });
  }
}

function pushObject(
  members: Readonly<Record<string, unknown>>,
  parts: string[],
  waiting: PendingPart[],
): void {
  parts.push('{');
  waiting.push({ text: '}' });
  for (const key of Object.keys(members).sort().reverse()) {
    waiting.push({ text: ',' }, { value: members[key] }, { text: `${JSON.stringify(key)}:` });
  }
}

function scalar(value: unknown): string {
  const decimal = decimalOf(value);
  if (decimal === undefined) return JSON.stringify(value) ?? 'undefined';
  return `${decimal.negative ? '-' : ''}0.${decimal.digits}e${decimal.exponent}`;
}
