import { errorMessage } from '../../base/error-message.ts';
import { canonical, isObject, memberOf } from './canonical.ts';
import { compareDecimals, decimalOf, isWhole } from './decimal.ts';
import { describePattern } from './describe.ts';
import { JsonError, parseJson, rawToken } from './json.ts';
import { type Attempt, type Matcher, nothing, PatternError } from './matcher.ts';
import { childPath } from './pointer.ts';
import { preview } from './preview.ts';
import { matchesWithin, regularExpression } from './regular-expression.ts';
import { asText, spliceText, substituteText, variableValue } from './variables.ts';

/** The value that an operator checks, and its path. */
interface Subject {
  readonly value: unknown;
  readonly path: string;
}

/** Compares a value with the operator's argument and adds the differences. */
type Comparator = (matcher: Matcher, argument: unknown, subject: Subject) => void;

/** Returns whether a value matches. If not, the difference describes the operator in words and shows the value. */
type Predicate = (matcher: Matcher, argument: unknown, subject: Subject) => boolean;

/** Whether a pattern is a mapping of operators, recognized by a key that begins with `$`. */
export function isOperators(pattern: unknown): pattern is Readonly<Record<string, unknown>> {
  return isObject(pattern) && Object.keys(pattern).some((key) => key.startsWith('$'));
}

/**
 * Compares a value with all operators of a mapping. `$save` comes last, so that the other operators see the previous
 * value of the variable.
 * @throws PatternError
 */
export function applyOperators(
  matcher: Matcher,
  pattern: Readonly<Record<string, unknown>>,
  subject: Subject,
): void {
  for (const [key, argument] of Object.entries(pattern)) {
    const operator = operators.get(key);
    if (operator === undefined) throw new PatternError(`unknown operator "${key}"`);
    operator(matcher, argument, subject);
  }
  const name = pattern['$save'];
  if (name !== undefined) matcher.save(stringOf(name, '$save'), subject.value);
}

const comparators: Readonly<Record<string, Comparator>> = {
  $any: () => undefined,
  $absent: (matcher, _argument, { value, path }) => matcher.addDifference(path, nothing, preview(value)),
  $optional: (matcher, pattern, { value, path }) => matcher.compare(pattern, value, path),
  $regex: (matcher, argument, subject) => {
    const source = spliceText(stringOf(argument, '$regex'), (name) =>
      asText(variableValue(name, matcher.variables)).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
    );
    if (typeof subject.value !== 'string' || !matchesWithin(compile(source), subject.value)) {
      addMismatch(matcher, { $regex: source }, subject);
    }
  },
  $contains: (matcher, argument, subject) => {
    const { value, path } = subject;
    if (typeof value === 'string') {
      const part = typeof argument === 'string' ? substituteText(argument, matcher.variables) : argument;
      if (typeof part !== 'string' || !value.includes(part))
        addMismatch(matcher, { $contains: part }, subject);
    } else {
      const items: readonly unknown[] = Array.isArray(value) ? value : [];
      const holds = adoptFirst(matcher, items, (trial, item, index) =>
        trial.compare(argument, item, childPath(path, index)),
      );
      if (!holds) addMismatch(matcher, { $contains: argument }, subject);
    }
  },
  $length: (matcher, argument, subject) => {
    const { value, path } = subject;
    const found =
      typeof value === 'string' ? countCharacters(value) : Array.isArray(value) ? value.length : undefined;
    const bounds = typeof argument === 'number' ? [argument, argument] : argument;
    if (found === undefined) addMismatch(matcher, { $length: argument }, subject);
    else if (!isWithin(found, bounds)) {
      const actual = `a length of ${found}: ${preview(value)}`;
      matcher.addDifference(path, describePattern({ $length: argument }), actual);
    }
  },
  $allOf: (matcher, argument, { value, path }) => {
    for (const pattern of listOf(argument, '$allOf')) matcher.compare(pattern, value, path);
  },
  $schema: (matcher, argument, { value, path }) => {
    const name = stringOf(argument, '$schema');
    for (const problem of matcher.schemas.check(name, value)) {
      const expected = `${name}.schema.json: ${problem.message}`;
      matcher.addDifference(`${path}${problem.path}`, expected, preview(problem.value));
    }
  },
  $ref: (matcher, argument, { value, path }) => {
    const expected = variableValue(stringOf(argument, '$ref'), matcher.variables);
    matcher.compareLiteral(expected, value, path);
  },
  $literal: (matcher, expected, { value, path }) => matcher.compareLiteral(expected, value, path),
  $save: () => undefined,
};

/** An operator that delegates to a comparison returns true, because the comparison adds the differences. */
const predicates: Readonly<Record<string, Predicate>> = {
  $type: (_matcher, argument, { value }) => {
    const decimal = decimalOf(value);
    const name = Array.isArray(value) ? 'array' : value === null ? 'null' : decimal ? 'number' : typeof value;
    return name === argument || (argument === 'integer' && decimal !== undefined && isWhole(decimal));
  },
  $include: (matcher, argument, { value, path }) => {
    if (!isObject(argument)) throw new PatternError('$include takes a mapping');
    if (!isObject(value)) return false;
    matcher.compareMembers(argument, value, { path, partial: true });
    return true;
  },
  $each: (matcher, argument, { value, path }) => {
    if (!Array.isArray(value)) return false;
    for (const [index, item] of value.entries()) {
      if (matcher.full) break;
      matcher.compare(argument, item, childPath(path, index));
    }
    return true;
  },
  $unique: checkUnique,
  $unordered: checkUnordered,
  $range: (_matcher, argument, { value }) => isWithin(value, argument),
  $number: (_matcher, argument, { value }) => decimalOf(value) !== undefined && rawToken(value) === argument,
  $oneOf: (matcher, argument, { value, path }) =>
    adoptFirst(matcher, listOf(argument, '$oneOf'), (trial, pattern) => trial.compare(pattern, value, path)),
  $not: (matcher, argument, { value, path }) =>
    !matcher.attempt((trial) => trial.compare(argument, value, path)).holds,
  $base64: (matcher, argument, { value, path }) => {
    const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64');
    if (bytes.toString('base64') !== value) return false;
    matcher.compare(argument, bytes.toString('utf8'), path);
    return true;
  },
  $json: (matcher, argument, { value, path }) => {
    if (typeof value !== 'string') return false;
    try {
      matcher.compare(argument, parseJson(value), path);
      return true;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      return false;
    }
  },
};

const operators: ReadonlyMap<string, Comparator> = new Map([
  ...Object.entries(comparators),
  ...Object.entries(predicates).map(([name, holds]): [string, Comparator] => [
    name,
    (matcher, argument, subject) => {
      if (!holds(matcher, argument, subject)) addMismatch(matcher, { [name]: argument }, subject);
    },
  ]),
]);

/** The names of all operators. */
export const operatorNames: readonly string[] = [...operators.keys()];

function addMismatch(matcher: Matcher, pattern: object, { value, path }: Subject): void {
  matcher.addDifference(path, describePattern(pattern), preview(value));
}

/** Compares item by item until an attempt succeeds, and adopts that attempt. */
function adoptFirst(
  matcher: Matcher,
  items: readonly unknown[],
  compare: (trial: Matcher, item: unknown, index: number) => void,
): boolean {
  for (const [index, item] of items.entries()) {
    const attempt = matcher.attempt((trial) => compare(trial, item, index));
    if (!attempt.holds) continue;
    matcher.adopt(attempt);
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

/** Counts characters. A surrogate pair counts as one. */
function countCharacters(text: string): number {
  return text.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, ' ').length;
}

function checkUnique(matcher: Matcher, argument: unknown, { value, path }: Subject): boolean {
  if (!Array.isArray(value)) return false;
  const seen = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    const judged = typeof argument === 'string' ? memberOf(item, argument) : { value: item };
    if (judged === undefined) continue;
    const key = canonical(judged.value);
    const first = seen.get(key);
    if (first !== undefined) {
      const twin = `${preview(judged.value)}, same as item ${first}`;
      matcher.addDifference(childPath(path, index), describePattern({ $unique: argument }), twin);
      break;
    }
    seen.set(key, index);
  }
  return true;
}

function checkUnordered(matcher: Matcher, argument: unknown, { value, path }: Subject): boolean {
  const patterns = unorderedPatterns(matcher, argument);
  if (!Array.isArray(value) || value.length !== patterns.length) return false;
  const fits = patterns.map((pattern) =>
    value.map((item, index) =>
      matcher.attempt((trial) => trial.compare(pattern, item, childPath(path, index))),
    ),
  );
  const pairs = assign(fits);
  for (const [index, pattern] of patterns.entries()) {
    const attempt = fits[index]?.[pairs[index] ?? -1];
    if (attempt !== undefined) matcher.adopt(attempt);
    else matcher.addDifference(path, `an item that matches ${describePattern(pattern)}`, preview(value));
  }
  return true;
}

/** Returns the patterns of `$unordered`. The items of a variable are compared literally. */
function unorderedPatterns({ variables }: Matcher, argument: unknown): readonly unknown[] {
  if (typeof argument !== 'string') return listOf(argument, '$unordered');
  return listOf(substituteText(argument, variables), '$unordered').map((item) => ({ $literal: item }));
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

function isWithin(value: unknown, bounds: unknown): boolean {
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
