import { errorMessage } from '../../base/error-message.ts';
import { canonical, isObject } from './canonical.ts';
import { compareDecimals, decimalOf, isWhole } from './decimal.ts';
import { describePattern } from './describe.ts';
import { JsonError, parseJson, rawToken } from './json.ts';
import { type Attempt, type Matching, PatternError } from './matching.ts';
import { childPath } from './pointer.ts';
import { preview } from './preview.ts';
import { regularExpression } from './regular-expression.ts';
import { asText, spliceText, substituteText, variableValue } from './variables.ts';

/** The value that an operator judges, and where it is. */
interface Subject {
  readonly value: unknown;
  readonly path: string;
}

type Operator = (matching: Matching, argument: unknown, subject: Subject) => void;

/** Whether a pattern is a mapping of operators: one of its keys begins with `$`. */
export function isOperators(pattern: unknown): pattern is Readonly<Record<string, unknown>> {
  return isObject(pattern) && Object.keys(pattern).some((key) => key.startsWith('$'));
}

/**
 * Holds a value against all operators of a mapping; `$save` comes last, so that the others see what was saved before.
 * @throws PatternError
 */
export function applyOperators(
  matching: Matching,
  pattern: Readonly<Record<string, unknown>>,
  subject: Subject,
): void {
  for (const [key, argument] of Object.entries(pattern)) {
    const operator = operators.get(key);
    if (operator === undefined) throw new PatternError(`no operator is named "${key}"`);
    if (key !== '$save') operator(matching, argument, subject);
  }
  const name = pattern['$save'];
  if (name !== undefined) matching.save(stringOf(name, '$save'), subject.value);
}

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['$any', () => undefined],
  ['$absent', (matching, _argument, { value, path }) => matching.differ(path, 'nothing', preview(value))],
  ['$optional', (matching, pattern, { value, path }) => matching.compare(pattern, value, path)],
  ['$type', type],
  ['$regex', regex],
  ['$contains', contains],
  ['$include', include],
  ['$each', each],
  ['$length', length],
  ['$unique', unique],
  ['$unordered', unordered],
  ['$range', range],
  ['$number', number],
  ['$oneOf', oneOf],
  ['$allOf', allOf],
  ['$not', not],
  ['$base64', base64],
  ['$json', json],
  ['$schema', schema],
  ['$ref', reference],
  ['$literal', (matching, expected, { value, path }) => matching.compareLiteral(expected, value, path)],
  ['$save', () => undefined],
]);

/** The operators that there are. */
export const operatorNames: readonly string[] = [...operators.keys()];

function refuse(matching: Matching, operator: string, argument: unknown, subject: Subject): void {
  matching.differ(subject.path, describePattern({ [operator]: argument }), preview(subject.value));
}

function type(matching: Matching, argument: unknown, subject: Subject): void {
  const { value } = subject;
  const decimal = decimalOf(value);
  const name = Array.isArray(value) ? 'array' : value === null ? 'null' : decimal ? 'number' : typeof value;
  const holds = name === argument || (argument === 'integer' && decimal !== undefined && isWhole(decimal));
  if (!holds) refuse(matching, '$type', argument, subject);
}

function regex(matching: Matching, argument: unknown, subject: Subject): void {
  const source = spliceText(stringOf(argument, '$regex'), (name) =>
    asText(variableValue(name, matching.variables)).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
  );
  if (typeof subject.value !== 'string' || !compile(source).test(subject.value)) {
    refuse(matching, '$regex', source, subject);
  }
}

function compile(source: string): RegExp {
  try {
    return regularExpression(source);
  } catch (error) {
    throw new PatternError(errorMessage(error));
  }
}

function contains(matching: Matching, argument: unknown, subject: Subject): void {
  const { value, path } = subject;
  if (typeof value === 'string') {
    const part = typeof argument === 'string' ? substituteText(argument, matching.variables) : argument;
    if (typeof part !== 'string' || !value.includes(part)) refuse(matching, '$contains', part, subject);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const attempt = matching.attempt((trial) => trial.compare(argument, item, childPath(path, index)));
      if (attempt.holds) {
        matching.adopt(attempt);
        return;
      }
    }
  }
  refuse(matching, '$contains', argument, subject);
}

function include(matching: Matching, argument: unknown, subject: Subject): void {
  if (!isObject(argument)) throw new PatternError('$include takes a mapping');
  if (isObject(subject.value)) {
    matching.compareMembers(argument, subject.value, { path: subject.path, partial: true });
  } else refuse(matching, '$include', argument, subject);
}

function each(matching: Matching, argument: unknown, subject: Subject): void {
  if (!Array.isArray(subject.value)) {
    refuse(matching, '$each', argument, subject);
    return;
  }
  for (const [index, item] of subject.value.entries()) {
    if (matching.full) return;
    matching.compare(argument, item, childPath(subject.path, index));
  }
}

function length(matching: Matching, argument: unknown, subject: Subject): void {
  const { value, path } = subject;
  const found =
    typeof value === 'string' ? characters(value) : Array.isArray(value) ? value.length : undefined;
  const bounds = typeof argument === 'number' ? [argument, argument] : argument;
  if (found === undefined) refuse(matching, '$length', argument, subject);
  else if (!within(found, bounds)) {
    matching.differ(path, describePattern({ $length: argument }), `a length of ${found}: ${preview(value)}`);
  }
}

/** A surrogate pair is one character. Without any there is nothing to count, and texts have megabytes. */
function characters(text: string): number {
  if (!/[\uD800-\uDBFF]/.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function unique(matching: Matching, argument: unknown, subject: Subject): void {
  const { value, path } = subject;
  if (!Array.isArray(value)) {
    refuse(matching, '$unique', argument, subject);
    return;
  }
  const seen = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    const judged = typeof argument === 'string' ? memberOf(item, argument) : { value: item };
    if (judged === undefined) continue;
    const key = canonical(judged.value);
    const first = seen.get(key);
    if (first !== undefined) {
      const twin = `${preview(judged.value)}, as item ${first}`;
      matching.differ(childPath(path, index), describePattern({ $unique: argument }), twin);
      return;
    }
    seen.set(key, index);
  }
}

function memberOf(item: unknown, name: string): { readonly value: unknown } | undefined {
  return isObject(item) && Object.hasOwn(item, name) ? { value: item[name] } : undefined;
}

function unordered(matching: Matching, argument: unknown, subject: Subject): void {
  const { value, path } = subject;
  const patterns = listOf(argument, '$unordered');
  if (!Array.isArray(value) || value.length !== patterns.length) {
    refuse(matching, '$unordered', argument, subject);
    return;
  }
  const fits = patterns.map((pattern) =>
    value.map((item, index) =>
      matching.attempt((trial) => trial.compare(pattern, item, childPath(path, index))),
    ),
  );
  const pairs = assign(fits);
  for (const [index, pattern] of patterns.entries()) {
    const attempt = fits[index]?.[pairs[index] ?? -1];
    if (attempt === undefined)
      matching.differ(path, `an item for ${describePattern(pattern)}`, preview(value));
    else matching.adopt(attempt);
  }
}

/** For each pattern the index of an item of its own, as many as possible; undefined for those that go without. */
function assign(fits: readonly (readonly Attempt[])[]): readonly (number | undefined)[] {
  const ownerOf = new Map<number, number>();
  const place = (pattern: number, tried: Set<number>): boolean => {
    for (const [item, attempt] of (fits[pattern] ?? []).entries()) {
      if (!attempt.holds || tried.has(item)) continue;
      tried.add(item);
      const owner = ownerOf.get(item);
      if (owner === undefined || place(owner, tried)) {
        ownerOf.set(item, pattern);
        return true;
      }
    }
    return false;
  };
  for (const pattern of fits.keys()) place(pattern, new Set());
  const itemOf = new Map([...ownerOf].map(([item, pattern]) => [pattern, item]));
  return fits.map((_, pattern) => itemOf.get(pattern));
}

function range(matching: Matching, argument: unknown, subject: Subject): void {
  if (!within(subject.value, argument)) refuse(matching, '$range', argument, subject);
}

function within(value: unknown, bounds: unknown): boolean {
  const [least, most] = listOf(bounds, 'an interval');
  const decimal = decimalOf(value);
  if (decimal === undefined) return false;
  const [from, to] = [decimalOf(least), decimalOf(most)];
  return (
    (from === undefined || compareDecimals(decimal, from) >= 0) &&
    (to === undefined || compareDecimals(decimal, to) <= 0)
  );
}

function number(matching: Matching, argument: unknown, subject: Subject): void {
  const isNumber = decimalOf(subject.value) !== undefined;
  if (!isNumber || rawToken(subject.value) !== argument) refuse(matching, '$number', argument, subject);
}

function oneOf(matching: Matching, argument: unknown, subject: Subject): void {
  for (const pattern of listOf(argument, '$oneOf')) {
    const attempt = matching.attempt((trial) => trial.compare(pattern, subject.value, subject.path));
    if (attempt.holds) {
      matching.adopt(attempt);
      return;
    }
  }
  refuse(matching, '$oneOf', argument, subject);
}

function allOf(matching: Matching, argument: unknown, { value, path }: Subject): void {
  for (const pattern of listOf(argument, '$allOf')) matching.compare(pattern, value, path);
}

function not(matching: Matching, argument: unknown, subject: Subject): void {
  const attempt = matching.attempt((trial) => trial.compare(argument, subject.value, subject.path));
  if (attempt.holds) refuse(matching, '$not', argument, subject);
}

function base64(matching: Matching, argument: unknown, subject: Subject): void {
  const { value, path } = subject;
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
  if (bytes === undefined || bytes.toString('base64') !== value)
    refuse(matching, '$base64', argument, subject);
  else matching.compare(argument, bytes.toString('utf8'), path);
}

function json(matching: Matching, argument: unknown, subject: Subject): void {
  if (typeof subject.value === 'string') {
    try {
      matching.compare(argument, parseJson(subject.value), subject.path);
      return;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
    }
  }
  refuse(matching, '$json', argument, subject);
}

function schema(matching: Matching, argument: unknown, { value, path }: Subject): void {
  const name = stringOf(argument, '$schema');
  for (const problem of matching.schemas.check(name, value)) {
    matching.differ(
      `${path}${problem.path}`,
      `${name}.schema.json: ${problem.message}`,
      preview(problem.value),
    );
  }
}

function reference(matching: Matching, argument: unknown, { value, path }: Subject): void {
  const expected = variableValue(stringOf(argument, '$ref'), matching.variables);
  matching.compareLiteral(expected, value, path);
}

function stringOf(argument: unknown, operator: string): string {
  if (typeof argument !== 'string') throw new PatternError(`${operator} takes a string`);
  return argument;
}

function listOf(argument: unknown, operator: string): readonly unknown[] {
  if (!Array.isArray(argument)) throw new PatternError(`${operator} takes a list`);
  return argument;
}
