import { randomUUID } from 'node:crypto';
import { isLosslessNumber, LosslessNumber, stringify } from 'lossless-json';
import { errorMessage } from '../../base/error-message.ts';
import { endOfString } from '../../base/json-scan.ts';

export { isLosslessNumber, LosslessNumber };

/** Thrown for a text that is not JSON. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly code = 'not-json';
}

/**
 * Parses JSON without losing the token of a number. A number that JavaScript would write the same way becomes a plain
 * number, any other (`1.0`, `9007199254740993`) a `LosslessNumber`. `__proto__` is an ordinary member, the last of
 * several members with the same name wins, and the depth is unlimited.
 * @throws JsonError
 */
export function parseJson(text: string): unknown {
  const value = parse(text);
  if (!possiblyLossy.test(text)) return value;
  // The prefix is random, so that no string in the text can start with it.
  const mark = `${randomUUID()} `;
  const marked = markLossyNumbers(text, mark);
  return marked === undefined ? value : restore(parse(marked), mark);
}

/** Returns a scalar as JSON, with the original token of a number. */
export function rawToken(value: unknown): string {
  if (isLosslessNumber(value)) return value.value;
  return JSON.stringify(value) ?? 'undefined';
}

/** Writes a value as JSON with the original tokens of numbers. Returns undefined if JSON cannot express the value. */
export function writeJson(value: unknown): string | undefined {
  // Lossless numbers are rare, and the serializer that supports them is slow.
  return hasLosslessNumber(value) ? stringify(value) : JSON.stringify(value);
}

/** Sets a member of an object under any name. An assignment to `__proto__` would set the prototype instead. */
export function defineMember(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

function hasLosslessNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint';
  return isLosslessNumber(value) || Object.values(value).some(hasLosslessNumber);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonError(errorMessage(error));
  }
}

/**
 * Matches any text with a number that `markLossyNumbers` would mark, and few others. Most messages have no such number.
 */
const possiblyLossy = /\d{16}|\d[.eE]|-0/;

const quote = 0x22;

/**
 * Replaces each number in valid JSON whose token a plain number would lose with a marked string. Returns undefined if
 * there is no such number. Scans by hand, because bodies can be megabytes long.
 */
function markLossyNumbers(text: string, mark: string): string | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let index = 0; index < text.length; ) {
    const code = text.charCodeAt(index);
    if (code === quote) {
      index = endOfString(text, index);
    } else if (code === 0x2d || isDigit(code)) {
      const start = index;
      while (index < text.length && isNumberPart(text.charCodeAt(index))) index += 1;
      const token = text.slice(start, index);
      if (String(Number(token)) === token) continue;
      parts.push(text.slice(from, start), `"${mark}${token}"`);
      from = index;
    } else {
      index += 1;
    }
  }
  return from === 0 ? undefined : parts.join('') + text.slice(from);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Digits, `+`, `-`, `.`, `e` and `E`. */
function isNumberPart(code: number): boolean {
  return isDigit(code) || code === 0x2b || code === 0x2d || code === 0x2e || code === 0x65 || code === 0x45;
}

/** Replaces marked strings with lossless numbers, in place and without recursion. */
function restore(root: unknown, mark: string): unknown {
  const holder: unknown[] = [root];
  const waiting: object[] = [holder];
  for (let container = waiting.pop(); container !== undefined; container = waiting.pop()) {
    for (const [key, value] of Object.entries(container)) {
      if (typeof value === 'string' && value.startsWith(mark)) {
        defineMember(container, key, new LosslessNumber(value.slice(mark.length)));
      } else if (typeof value === 'object' && value !== null) {
        waiting.push(value);
      }
    }
  }
  return holder[0];
}
