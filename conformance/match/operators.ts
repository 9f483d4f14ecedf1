import { errorMessage } from '../../base/error-message.ts';
import { canonical, isObject, memberOf } from './canonical.ts';
import { compareDecimals, decimalOf, isWhole } from './decimal.ts';
import { describePattern } from './describe.ts';
import { JsonError, parseJson, rawToken } from './json.ts';
import { type Attempt, type Matching, nothing, PatternError } from './matching.ts';
import { childPath } from './pointer.ts';
import { preview } from './preview.ts';
import { regularExpression } from './regular-expression.ts';
import { asText, spliceText, substituteText, variableValue } from './variables.ts';

/** The value that an operator checks, and its path. */
interface Subject {
  readonly value: unknown;
  readonly path: string;
}

/** Compares a value with the operator's argument and adds the differences. */
type Comparing = (matching: Matching, argument: unknown, subject: Subject) => void;

/** Whether a value matches. If not, the difference shows the operator in words and the value. */
type Testing = (matching: Matching, argument: unknown, subject: Subject) => boolean;

/** Whether a pattern is a mapping of operators, recognized by a key that begins with `$`. */
export function isOperators(pattern: unknown): pattern is Readonly<Record<string, unknown>> {
  return isObject(pattern) && Object.keys(pattern).some((key) => key.startsWith('$'));
}

/**
 * Compares a value with all operators of a mapping. `$save` comes last, so that the others see the previous variable.
 * @throws PatternError
 */
export function applyOperators(
  matching: Matching,
  pattern: Readonly<Record<string, unknown>>,
  subject: Subject,
): void {
  for (const [key, argument] of Object.entries(pattern)) {
    const operator = operators.get(key);
    if (operator === undefined) throw new PatternError(`unknown operator "${key}"`);
    operator(matching, argument, subject);
  }
  const name = pattern['$save'];
  if (name !== undefined) matching.save(stringOf(name, '$save'), subject.value);
}

const comparisons: Readonly<Record<string, Comparing>> = {
  $any: () => undefined,
  $absent: (matching, _argument, { value, path }) => matching.addDifference(path, nothing, preview(value)),
  $optional: (matching, pattern, { value, path }) => matching.compare(pattern, value, path),
  $regex: (matching, argument, subject) => {
    const source = spliceText(stringOf(argument, '$regex'), (name) =>
      asText(variableValue(name, matching.variables)).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
    );
    if (typeof subject.value !== 'string' || !compile(source).test(subject.value)) {
      addMismatch(matching, { $regex: source }, subject);
    }
  },
  $contains: (matching, argument, subject) => {
    const { value, path } = subject;
    if (typeof value === 'string') {
      const part = typeof argument === 'string' ? substituteText(argument, matching.variables) : argument;
      if (typeof part !== 'string' || !value.includes(part))
        addMismatch(matching, { $contains: part }, subject);
    } else {
      const items: readonly unknown[] = Array.isArray(value) ? value : [];
      const holds = adoptFirst(matching, items, (trial, item, index) =>
        trial.compare(argument, item, childPath(path, index)),
      );
      if (!holds) addMismatch(matching, { $contains: argument }, subject);
    }
  },
  $length: (matching, argument, subject) => {
    const { value, path } = subject;
    const found =
      typeof value === 'string' ? characters(value) : Array.isArray(value) ? value.length : undefined;
    const bounds = typeof argument === 'number' ? [argument, argument] : argument;
    if (found === undefined) addMismatch(matching, { $length: argument }, subject);
    else if (!within(found, bounds)) {
      const actual = `a length of ${found}: ${preview(value)}`;
      matching.addDifference(path, describePattern({ $length: argument }), actual);
    }
  },
  $allOf: (matching, argument, { value, path }) => {
    for (const pattern of listOf(argument, '$allOf')) matching.compare(pattern, value, path);
  },
  $schema: (matching, argument, { value, path }) => {
    const name = stringOf(argument, '$schema');
    for (const problem of matching.schemas.check(name, value)) {
      const expected = `${name}.schema.json: ${problem.message}`;
      matching.addDifference(`${path}${problem.path}`, expected, preview(problem.value));
    }
  },
  $ref: (matching, argument, { value, path }) => {
    const expected = variableValue(stringOf(argument, '$ref'), matching.variables);
    matching.compareLiteral(expected, value, path);
  },
  $literal: (matching, expected, { value, path }) => matching.compareLiteral(expected, value, path),
  $save: () => undefined,
};

/** An operator that delegates to a comparison returns true, because the comparison adds the differences. */
const tests: Readonly<Record<string, Testing>> = {
  $type: (_matching, argument, { value }) => {
    const decimal = decimalOf(value);
    const name = Array.isArray(value) ? 'array' : value === null ? 'null' : decimal ? 'number' : typeof value;
    return name === argument || (argument === 'integer' && decimal !== undefined && isWhole(decimal));
  },
  $include: (matching, argument, { value, path }) => {
    if (!isObject(argument)) throw new PatternError('$include takes a mapping');
    if (!isObject(value)) return false;
    matching.compareMembers(argument, value, { path, partial: true });
    return true;
  },
  $each: (matching, argument, { value, path }) => {
    if (!Array.isArray(value)) return false;
    for (const [index, item] of value.entries()) {
      if (matching.full) break;
      matching.compare(argument, item, childPath(path, index));
    }
    return true;
  },
  $unique: unique,
  $unordered: unordered,
  $range: (_matching, argument, { value }) => within(value, argument),
  $number: (_matching, argument, { value }) => decimalOf(value) !== undefined && rawToken(value) === argument,
  $oneOf: (matching, argument, { value, path }) =>
    adoptFirst(matching, listOf(argument, '$oneOf'), (trial, pattern) => trial.compare(pattern, value, path)),
  $not: (matching, argument, { value, path }) =>
    !matching.attempt((trial) => trial.compare(argument, value, path)).holds,
  $base64: (matching, argument, { value, path }) => {
    const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64');
    if (bytes.toString('base64') !== value) return false;
    matching.compare(argument, bytes.toString('utf8'), path);
    return true;
  },
  $json: (matching, argument, { value, path }) => {
    if (typeof value !== 'string') return false;
    try {
      matching.compare(argument, parseJson(value), path);
      return true;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      return false;
    }
  },
};

const operators: ReadonlyMap<string, Comparing> = new Map([
  ...Object.entries(comparisons),
  ...Object.entries(tests).map(([name, holds]): [string, Comparing] => [
    name,
    (matching, argument, subject) => {
      if (!holds(matching, argument, subject)) addMismatch(matching, { [name]: argument }, subject);
    },
  ]),
]);

/** The names of all operators. */
export const operatorNames: readonly string[] = [...operators.keys()];

function addMismatch(matching: Matching, pattern: object, { value, path }: Subject): void {
  matching.addDifference(path, describePattern(pattern), preview(value));
}

/** Compares item by item until an attempt holds, and adopts that one. */
function adoptFirst(
  matching: Matching,
  items: readonly unknown[],
  compare: (trial: Matching, item: unknown, index: number) => void,
): boolean {
  for (const [index, item] of items.entries()) {
    const attempt = matching.attempt((trial) => compare(trial, item, index));
    if (!attempt.holds) continue;
    matching.adopt(attempt);
    return true;
  }
  return false;
}

function compile(source: string): RegExp {
  try {
    return regularExpression(source);
  } catch (error) {
    throw new PatternError(errorMessage(error));
  }
}

/** Counts characters, a surrogate pair as one. */
function characters(text: string): number {
  return text.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, ' ').length;
}

function unique(matching: Matching, argument: unknown, { value, path }: Subject): boolean {
  if (!Array.isArray(value)) return false;
  const seen = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    const judged = typeof argument === 'string' ? memberOf(item, argument) : { value: item };
    if (judged === undefined) continue;
    const key = canonical(judged.value);
    const first = seen.get(key);
    if (first !== undefined) {
      const twin = `${preview(judged.value)}, same as item ${first}`;
      matching.addDifference(childPath(path, index), describePattern({ $unique: argument }), twin);
      break;
    }
    seen.set(key, index);
  }
  return true;
}

function unordered(matching: Matching, argument: unknown, { value, path }: Subject): boolean {
  const patterns = listOf(argument, '$unordered');
  if (!Array.isArray(value) || value.length !== patterns.length) return false;
  const fits = patterns.map((pattern) =>
    value.map((item, index) =>
      matching.attempt((trial) => trial.compare(pattern, item, childPath(path, index))),
    ),
  );
  const pairs = assign(fits);
  for (const [index, pattern] of patterns.entries()) {
    const attempt = fits[index]?.[pairs[index] ?? -1];
    if (attempt !== undefined) matching.adopt(attempt);
    else matching.addDifference(path, `an item that matches ${describePattern(pattern)}`, preview(value));
  }
  return true;
}

/** Assigns distinct matching items to as many patterns as possible. Returns an index or undefined for each pattern. */
function assign(fits: readonly (readonly Attempt[])[]): readonly (number | undefined)[] {
  const ownerOf = new Map<number, number>();
  const assignOne = (pattern: number, tried: Set<number>): boolean => {
    for (const [item, attempt] of (fits[pattern] ?? []).entries()) {
      if (!attempt.holds || tried.has(item)) continue;
      tried.add(item);
      const owner = ownerOf.get(item);
      if (owner === undefined || assignOne(owner, tried)) {
        ownerOf.set(item, pattern);
        return true;
      }
    }
    return false;
  };
  for (const pattern of fits.keys()) assignOne(pattern, new Set());
  const itemOf = new Map([...ownerOf].map(([item, pattern]) => [pattern, item]));
  return fits.map((_, pattern) => itemOf.get(pattern));
}

function within(value: unknown, bounds: unknown): boolean {
  const decimal = decimalOf(value);
  const [from, to] = listOf(bounds, 'an interval').map(decimalOf);
  return (
    decimal !== undefined &&
    (from === undefined || compareDecimals(decimal, from) >= 0) &&
    (to === undefined || compareDecimals(decimal, to) <= 0)
  );
}

function stringOf(argument: unknown, operator: string): string {
  if (typeof argument !== 'string') throw new PatternError(`${operator} takes a string`);
  return argument;
}

function listOf(argument: unknown, operator: string): readonly unknown[] {
  if (!Array.isArray(argument)) throw new PatternError(`${operator} takes a list`);
  return argument;
}
