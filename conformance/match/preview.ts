import { isObject } from './canonical.ts';
import { rawToken } from './json.ts';

/** Limits on the part of a value that a message shows, in characters and levels. */
const defaultLimit = 240;
const stringLimit = 120;
const depthLimit = 8;

/** Writes a value as JSON on one line, cut after `limit` characters. The limit bounds the work as well. */
export function preview(value: unknown, limit = defaultLimit): string {
  const line = new Line(limit);
  write(line, value, 0);
  return line.text;
}

/** Returns a string in quotes. Truncates a long string to the part around `from` and appends its length. */
export function previewString(text: string, from = 0): string {
  if (text.length <= stringLimit) return JSON.stringify(text);
  const start = Math.max(0, Math.min(from, text.length) - 20);
  const end = Math.min(text.length, start + stringLimit);
  const before = start > 0 ? '…' : '';
  const after = end < text.length ? '…' : '';
  return `${before}${JSON.stringify(text.slice(start, end))}${after} (${text.length} characters)`;
}

/** Returns the index of the first difference between two strings. */
export function firstDifference(one: string, other: string): number {
  const end = Math.min(one.length, other.length);
  let index = 0;
  while (index < end && one.charCodeAt(index) === other.charCodeAt(index)) index += 1;
  return index;
}

/** Text that stops growing at its limit. */
class Line {
  text = '';
  readonly #limit: number;
  #full = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.#full;
  }

  add(part: string): void {
    if (this.#full) return;
    this.text += part;
    if (this.text.length <= this.#limit) return;
    this.#full = true;
    this.text = `${this.text.slice(0, this.#limit)}…`;
  }
}

function write(line: Line, value: unknown, depth: number): void {
  if (line.full) return;
  if (typeof value === 'string') line.add(previewString(value));
  else if (Array.isArray(value) || isObject(value)) writeContainer(line, value, depth);
  else line.add(rawToken(value));
}

function writeContainer(line: Line, container: object, depth: number): void {
  const isArray = Array.isArray(container);
  const [open, space, close] = isArray ? ['[', '', ']'] : ['{', ' ', '}'];
  if (depth >= depthLimit) {
    line.add(`${open}…${close}`);
    return;
  }
  line.add(open);
  let separator = space;
  for (const [name, value] of isArray ? container.entries() : membersOf(container)) {
    if (line.full) return;
    line.add(isArray ? separator : `${separator}${previewString(String(name))}: `);
    write(line, value, depth + 1);
    separator = ', ';
  }
  line.add(separator === space ? close : `${space}${close}`);
}

/** Avoids Object.entries, because a hostile object may have a million members and a message shows only a few. */
function* membersOf(container: object): Generator<[string, unknown]> {
  for (const name in container) {
    if (Object.hasOwn(container, name)) yield [name, Reflect.get(container, name)];
  }
}
