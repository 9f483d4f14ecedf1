import { equals, isObject, memberOf } from './canonical.ts';
import { describePattern } from './describe.ts';
import { type Attempt, type Difference, type MatchContext, type Matcher, nothing } from './matcher.ts';
import { applyOperators, isOperators } from './operators.ts';
import { childPath } from './pointer.ts';
import { firstDifference, preview, previewString } from './preview.ts';
import { type ReadonlyVariables, substituteText } from './variables.ts';

export type { MatchContext } from './matcher.ts';

/** The result of a comparison. */
export interface MatchResult {
  /** Empty if the value matches. At most 50. */
  readonly differences: readonly Difference[];
  /** Variables set by `$save`. Empty if there are differences. */
  readonly saved: ReadonlyMap<string, unknown>;
}

/** Whether a comparison found no differences. */
export function holds({ differences }: MatchResult): boolean {
  return differences.length === 0;
}

const maxDifferences = 50;
/** Below this depth, a value is reported as a whole, because finding the exact place costs a comparison per level. */
const literalDepth = 20;

/**
 * Compares a value with a pattern (docs/fixtures.md). Terminates for any JSON value, and throws for invalid patterns
 * only.
 * @param actual a JSON value as returned by `parseJson`
 * @throws PatternError, UnknownVariableError
 */
export function match(pattern: unknown, actual: unknown, context: MatchContext): MatchResult {
  return runMatching(context, (matcher) => matcher.compare(pattern, actual, ''));
}

/** Runs a complete comparison. */
export function runMatching(context: MatchContext, compare: (matcher: Matcher) => void): MatchResult {
  const { holds, differences, saved } = new Comparison(context).attempt(compare);
  return { differences, saved: holds ? saved : new Map() };
}

class Comparison implements Matcher {
  readonly differences: Difference[] = [];
  readonly saved: Map<string, unknown>;
  readonly schemas: MatchContext['schemas'];
  readonly variables: ReadonlyVariables;
  readonly #context: MatchContext;

  constructor(context: MatchContext, saved: ReadonlyMap<string, unknown> = new Map()) {
    this.#context = context;
    this.schemas = context.schemas;
    this.saved = new Map(saved);
    this.variables = {
      has: (name) => this.saved.has(name) || context.variables.has(name),
      get: (name) => (this.saved.has(name) ? this.saved.get(name) : context.variables.get(name)),
    };
  }

  get full(): boolean {
    return this.differences.length >= maxDifferences;
  }

  compare(pattern: unknown, actual: unknown, path: string): void {
    if (this.full) return;
    if (isOperators(pattern)) applyOperators(this, pattern, { value: actual, path });
    else if (Array.isArray(pattern) && Array.isArray(actual)) this.#compareItems(pattern, actual, path);
    else if (isObject(pattern) && isObject(actual)) {
      this.compareMembers(pattern, actual, { path, partial: false });
    } else if (Array.isArray(pattern) || isObject(pattern)) {
      this.addDifference(path, preview(pattern), preview(actual));
    } else {
      const literal = typeof pattern === 'string' ? substituteText(pattern, this.variables) : pattern;
      this.compareLiteral(literal, actual, path);
    }
  }

  compareLiteral(expected: unknown, actual: unknown, path: string, depth = 0): void {
    if (this.full || equals(expected, actual)) return;
    if (typeof expected === 'string' && typeof actual === 'string') {
      const from = firstDifference(expected, actual);
      this.addDifference(path, previewString(expected, from), previewString(actual, from));
    } else if (depth < literalDepth && areSameKindOfContainer(expected, actual)) {
      this.#compareKeys(Object(expected), Object(actual), path, depth);
    } else {
      this.addDifference(path, preview(expected), preview(actual));
    }
  }

  compareMembers(
    patterns: Readonly<Record<string, unknown>>,
    actual: Readonly<Record<string, unknown>>,
    at: { readonly path: string; readonly partial: boolean },
  ): void {
    for (const [key, pattern] of Object.entries(patterns)) {
      this.compareMember(pattern, memberOf(actual, key), childPath(at.path, key));
    }
    if (at.partial) return;
    for (const key in actual) {
      if (this.full) return;
      if (!Object.hasOwn(actual, key) || Object.hasOwn(patterns, key)) continue;
      this.addDifference(childPath(at.path, key), nothing, preview(actual[key]));
    }
  }

  compareMember(pattern: unknown, actual: { readonly value: unknown } | undefined, path: string): void {
    if (actual !== undefined) this.compare(pattern, actual.value, path);
    else if (!(isOperators(pattern) && ('$absent' in pattern || '$optional' in pattern))) {
      this.addDifference(path, describePattern(pattern), nothing);
    }
  }

  addDifference(path: string, expected: string, actual: string): void {
    if (!this.full) this.differences.push({ path, expected, actual });
  }

  attempt(compare: (matcher: Matcher) => void): Attempt {
    const trial = new Comparison(this.#context, this.saved);
    compare(trial);
    return { holds: trial.differences.length === 0, differences: trial.differences, saved: trial.saved };
  }

  adopt(attempt: Attempt): void {
    for (const [name, value] of attempt.saved) this.saved.set(name, value);
  }

  save(name: string, value: unknown): void {
    this.saved.set(name, value);
  }

  #compareItems(patterns: readonly unknown[], actual: readonly unknown[], path: string): void {
    for (const [index, pattern] of patterns.entries()) {
      const item = index < actual.length ? { value: actual[index] } : undefined;
      this.compareMember(pattern, item, childPath(path, index));
    }
    const first = patterns.length;
    const more = actual.length - first;
    if (more <= 0) return;
    const rest =
      more === 1 ? preview(actual[first]) : `${more} more items: ${preview(actual.slice(first, first + 10))}`;
    this.addDifference(childPath(path, first), nothing, rest);
  }

  #compareKeys(expected: object, actual: object, parent: string, depth: number): void {
    const wanted = new Map<string, unknown>(Object.entries(expected));
    const given = new Map<string, unknown>(Object.entries(actual));
    for (const key of new Set([...wanted.keys(), ...given.keys()])) {
      if (this.full) return;
      const path = childPath(parent, key);
      if (!given.has(key)) this.addDifference(path, preview(wanted.get(key)), nothing);
      else if (!wanted.has(key)) this.addDifference(path, nothing, preview(given.get(key)));
      else this.compareLiteral(wanted.get(key), given.get(key), path, depth + 1);
    }
  }
}

function areSameKindOfContainer(one: unknown, other: unknown): boolean {
  return (isObject(one) && isObject(other)) || (Array.isArray(one) && Array.isArray(other));
}
