import { isUtf8 } from 'node:buffer';
import { jsonToken } from '../mcp/json-token.ts';
import type { Steps } from './fair-work.ts';
import type { LargeContainer, Piece } from './scan.ts';

/**
 * Parses a JSON text in steps, with the result of `JSON.parse`. Each step parses a piece, because `JSON.parse` cannot pause.
 * @param root the outermost container
 * @throws SyntaxError
 */
export function* parseInSteps(json: Buffer, root: LargeContainer): Steps<unknown> {
  if (!isUtf8(json)) throw new SyntaxError('not UTF-8');
  if (!isBlank(json, 0, root.start) || !isBlank(json, root.end, json.length)) {
    throw new SyntaxError('text around the outermost value');
  }
  return yield* containerValue(json, root);
}

function* containerValue(json: Buffer, { isArray, pieces }: LargeContainer): Steps<unknown> {
  const elements: unknown[] = [];
  const members: Record<string, unknown> = {};
  for (const piece of pieces) {
    if (piece.child !== undefined) {
      const key = keyBefore(json, piece, isArray);
      const value = yield* containerValue(json, piece.child);
      if (key === undefined) elements.push(value);
      else define(members, key, value);
      continue;
    }
    const part: unknown = JSON.parse(wrapped(json, piece, isArray));
    const values = Object.entries(part as object);
    // Only an empty container has no value. Otherwise, a comma lacks the value before or after it.
    if (values.length === 0 && pieces.length > 1) throw new SyntaxError('a value is missing');
    for (const [key, value] of values) {
      if (isArray) elements.push(value);
      else define(members, key, value);
    }
    yield;
  }
  return isArray ? elements : members;
}

/** Unlike an assignment, this also creates a member `__proto__`, as `JSON.parse` does. */
function define(members: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') members[key] = value;
  else Object.defineProperty(members, key, { value, configurable: true, enumerable: true, writable: true });
}

function wrapped(json: Buffer, { start, end }: Piece, isArray: boolean): string {
  const text = json.toString('utf8', start, end);
  return isArray ? `[${text}]` : `{${text}}`;
}

/** Returns the name of the member in a piece with a large container. @returns undefined in an array */
function keyBefore(json: Buffer, { start, end, child }: Piece, isArray: boolean): string | undefined {
  if (child === undefined || !isBlank(json, child.end, end)) throw new SyntaxError('text after a value');
  if (isArray) {
    if (!isBlank(json, start, child.start)) throw new SyntaxError('text before a value');
    return undefined;
  }
  const [key] = Object.keys(JSON.parse(`{${json.toString('utf8', start, child.start)}0}`));
  return key;
}

function isBlank(json: Buffer, start: number, end: number): boolean {
  return /^[ \t\r\n]*$/.test(json.toString('latin1', start, end));
}

/**
 * Returns the JSON token at a path of member names, like `jsonToken`, in steps.
 * @param json valid JSON with this outermost container
 */
export function* tokenInSteps(
  json: Buffer,
  container: LargeContainer,
  path: readonly string[],
): Steps<string | undefined> {
  const [name = '', ...rest] = path;
  if (container.isArray) return undefined;
  // The last member of a name counts.
  for (const piece of container.pieces.toReversed()) {
    yield;
    if (piece.child === undefined) {
      const text = wrapped(json, piece, false);
      if (jsonToken(text, [name]) !== undefined) return jsonToken(text, path);
    } else if (keyBefore(json, piece, false) === name) {
      if (rest.length > 0) return yield* tokenInSteps(json, piece.child, rest);
      return json.toString('utf8', piece.child.start, piece.child.end);
    }
  }
  return undefined;
}
