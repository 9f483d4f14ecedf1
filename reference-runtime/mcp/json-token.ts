import { endOfString } from '../../base/json-scan.ts';

/** Returns the index of the first character after white space at `at`. */
function skipSpace(text: string, at: number): number {
  let index = at;
  while (index < text.length && ' \t\n\r'.includes(text.charAt(index))) index++;
  return index;
}

/** Returns the index after the value at `at`. It does not recurse, so any depth works. */
function endOfValue(text: string, at: number): number {
  let index = at;
  let depth = 0;
  do {
    const character = text[index];
    index = character === '"' ? endOfString(text, index) : index + 1;
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character !== '"' && depth === 0) {
      while (index < text.length && !',]} \t\n\r'.includes(text.charAt(index))) index++;
    }
  } while (depth > 0 && index < text.length);
  return index;
}

/** The place of a value in a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Returns the name that a JSON string spells. Most names have no escapes, so that their text need not be parsed. */
function keyIn(text: string, start: number, end: number): unknown {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? JSON.parse(text.slice(start, end)) : inner;
}

/** Returns the place of a member of the object at `at`. Of duplicate members, the last one wins, as in `JSON.parse`. */
function member(text: string, at: number, name: string): Span | undefined {
  let found: Span | undefined;
  let index = skipSpace(text, at + 1);
  while (text[index] === '"') {
    const keyEnd = endOfString(text, index);
    const key = keyIn(text, index, keyEnd);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (key === name) found = { start, end };
    index = skipSpace(text, end);
    if (text[index] !== ',') break;
    index = skipSpace(text, index + 1);
  }
  return found;
}

/** Returns the place of the value at a path of member names. */
function spanOf(text: string, path: readonly string[]): Span | undefined {
  let span: Span | undefined = { start: skipSpace(text, 0), end: text.length };
  for (const name of path) {
    if (span === undefined || text[span.start] !== '{') return undefined;
    span = member(text, span.start, name);
  }
  return span;
}

/**
 * Returns the JSON token of a member of an object in its original form, so that numbers keep every digit (JSONRPC-2).
 * @param text valid JSON
 * @param path names of members, starting at the outermost object
 */
export function jsonToken(text: string, path: readonly string[]): string | undefined {
  const span = spanOf(text, path);
  return span && text.slice(span.start, span.end);
}

/**
 * Replaces the value of a member, and leaves everything else as it is. Returns the text unchanged if there is no such
 * member.
 * @param text valid JSON
 * @param path names of members, starting at the outermost object
 * @param token the new value as a JSON token
 */
export function replaceToken(text: string, path: readonly string[], token: string): string {
  const span = spanOf(text, path);
  return span === undefined ? text : text.slice(0, span.start) + token + text.slice(span.end);
}

/** Returns whether objects and arrays of valid JSON are nested deeper than a limit. */
export function isNestedDeeper(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  for (let index = 0; index < text.length; ) {
    const character = text[index];
    index = character === '"' ? endOfString(text, index) : index + 1;
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > limit) return true;
  }
  return false;
}
