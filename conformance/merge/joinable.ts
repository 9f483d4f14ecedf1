import { oneLine } from '../text/text.ts';

/** A part of a merged report, with the file that it comes from. */
export interface Sourced<Part> {
  readonly file: string;
  readonly part: Part;
}

/** Thrown if reports cannot be merged. The message is one line that names the files and the field. */
export class MergeError extends Error {
  override readonly name = 'MergeError';
  readonly code = 'report-invalid';

  constructor(files: readonly string[], reason: string) {
    super(`${files.map(oneLine).join(' and ')} cannot be merged: ${reason}`);
  }
}

/**
 * Checks that all parts agree in some fields.
 * @param fieldsOf returns the fields by name
 * @throws MergeError for the first field in which a part differs from the first part
 */
export function requireSame<Part>(
  parts: readonly Sourced<Part>[],
  fieldsOf: (part: Part) => Readonly<Record<string, unknown>>,
): void {
  const [first, ...others] = parts;
  if (first === undefined) return;
  const expected = fieldsOf(first.part);
  for (const { file, part } of others) {
    for (const [name, value] of Object.entries(fieldsOf(part))) {
      const [path, one, other] = firstDifference(name, expected[name], value) ?? [];
      if (path === undefined) continue;
      throw new MergeError(
        [first.file, file],
        `${path} is ${shown(one)} in the first, ${shown(other)} in the second`,
      );
    }
  }
}

/** Returns the path and the values of the first place where two JSON values differ, or undefined if they are equal. */
function firstDifference(
  path: string,
  one: unknown,
  other: unknown,
): readonly [path: string, one: unknown, other: unknown] | undefined {
  if (!isRecord(one) || !isRecord(other)) {
    return JSON.stringify(one) === JSON.stringify(other) ? undefined : [path, one, other];
  }
  for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = firstDifference(`${path}.${name}`, one[name], other[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const maxShown = 80;

function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return oneLine(text.length > maxShown ? `${text.slice(0, maxShown)}…` : text);
}

/** The parts of a whole by their number. */
interface Numbered {
  readonly index: number;
  readonly of: number;
}

/**
 * Checks that each part is there once.
 * @throws MergeError
 */
export function requireAll<Part>(
  parts: readonly Sourced<Part>[],
  shardOf: (part: Part) => Numbered,
  what: string,
): void {
  const byIndex = new Map<number, string>();
  for (const { file, part } of parts) {
    const { index, of } = shardOf(part);
    const earlier = byIndex.get(index);
    if (earlier !== undefined) {
      throw new MergeError([earlier, file], `both are shard ${index}/${of} of ${what}`);
    }
    byIndex.set(index, file);
  }
  const [first] = parts;
  if (first === undefined) return;
  const { of } = shardOf(first.part);
  const missing = Array.from({ length: of }, (_, place) => place + 1).filter((index) => !byIndex.has(index));
  if (missing.length === 0) return;
  const names = missing.slice(0, 5).map((index) => `${index}/${of}`);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  const noun = missing.length === 1 ? 'shard' : 'shards';
  throw new MergeError([first.file], `there is no report of ${noun} ${names.join(', ')}${more} of ${what}`);
}

/** Returns the time of parts that may have run at the same time, from the start of the first to the end of the last. */
export function spanOf(parts: readonly { readonly startedAt: string; readonly durationMs: number }[]): {
  readonly startedAt: number;
  readonly durationMs: number;
} {
  const startedAt = Math.min(...parts.map((part) => Date.parse(part.startedAt)));
  const ends = parts.map((part) => Date.parse(part.startedAt) + part.durationMs);
  return { startedAt, durationMs: Math.max(...ends) - startedAt };
}
