import { randomUUID } from 'node:crypto';
import { isLosslessNumber, LosslessNumber, stringify } from 'lossless-json';
import { errorMessage } from '../../base/error-message.ts';
import { endOfString } from '../../base/json-scan.ts';

export { isLosslessNumber, LosslessNumber };

/** A text is not JSON. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly code = 'not-json';
}

/**
 * Parses JSON so that no number loses its token: a number that JavaScript would write the same way is a plain number, any
 * other (`1.0`, `9007199254740993`) a `LosslessNumber`. `__proto__` is a member like any other, of members with the same
 * name the last counts, and any depth is fine.
 * @throws JsonError
 */
export function parseJson(text: string): unknown {
  const value = parse(text);
  // A beginning that no string of the text has, because nobody can know it beforehand.
  const mark = `${randomUUID()} `;
  const marked = markOddNumbers(text, mark);
  return marked === undefined ? value : restore(parse(marked), mark);
}

/** A scalar as JSON, a number with its original token. */
export function rawToken(value: unknown): string {
  if (isLosslessNumber(value)) return value.value;
  return JSON.stringify(value) ?? 'undefined';
}

/** Writes a value as JSON, each number with its token; undefined for a value that JSON cannot express. */
export function writeJson(value: unknown): string | undefined {
  // Few values have such a number, and the writer that knows them is slow.
  return hasLosslessNumber(value) ? stringify(value) : JSON.stringify(value);
}

/** Sets a member of an object, whatever its name: an assignment to `__proto__` would set none. */
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

const quote = 0x22;

/**
 * Valid JSON with a marked string for each number whose token a plain number would lose; undefined where there is none.
 * Scanned by hand: bodies have megabytes.
 */
function markOddNumbers(text: string, mark: string): string | undefined {
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

/** Puts lossless numbers in the place of marked strings, in place and without recursion. */
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
