import { equals, isObject } from './canonical.ts';
import { describePattern } from './describe.ts';
import type { Difference } from './diff.ts';
import type { Attempt, MatchContext, Matching } from './matching.ts';
import { applyOperators, isOperators } from './operators.ts';
import { childPath } from './pointer.ts';
import { firstDifference, preview, previewString } from './preview.ts';
import type { SchemaSet } from './schema-set.ts';
import { type ReadonlyVariables, substituteText } from './variables.ts';

export type { MatchContext } from './matching.ts';

export interface MatchResult {
  /** None: the pattern holds. At most 50. */
  readonly differences: readonly Difference[];
  /** What `$save` keeps; empty where there are differences. */
  readonly saved: ReadonlyMap<string, unknown>;
}

/** What a difference shows where there is no value. */
export const nothing = 'nothing';

const maxDifferences = 50;
/** Below this a difference is told as a whole: finding the exact place costs a comparison for each level. */
const literalDepth = 20;

/**
 * Compares a value with a pattern of docs/fixtures.md. Whatever JSON the value is, this ends and does not throw.
 * @param actual JSON, with `LosslessNumber` for numbers as `parseJson` makes them
 * @throws PatternError, UnknownVariableError where the pattern itself is wrong
 */
export function match(pattern: unknown, actual: unknown, context: MatchContext): MatchResult {
  return runMatching(context, (matching) => matching.compare(pattern, actual, ''));
}

/** Runs a comparison from its start. */
export function runMatching(context: MatchContext, compare: (matching: Matching) => void): MatchResult {
  const comparison = new Comparison(context, new Map());
  compare(comparison);
  const { differences, saved } = comparison;
  return { differences, saved: differences.length === 0 ? saved : new Map() };
}

class Comparison implements Matching {
  readonly differences: Difference[] = [];
  readonly saved: Map<string, unknown>;
  readonly schemas: SchemaSet;
  readonly variables: ReadonlyVariables;
  readonly #context: MatchContext;

  constructor(context: MatchContext, saved: ReadonlyMap<string, unknown>) {
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
    else if (Array.isArray(pattern)) this.#compareArray(pattern, actual, path);
    else if (isObject(pattern)) this.#compareObject(pattern, actual, path);
    else if (typeof pattern === 'string') {
      this.compareLiteral(substituteText(pattern, this.variables), actual, path);
    } else this.compareLiteral(pattern, actual, path);
  }

  compareLiteral(expected: unknown, actual: unknown, path: string): void {
    this.#compareLiteral({ expected, actual }, path, 0);
  }

  compareMembers(
    patterns: Readonly<Record<string, unknown>>,
    actual: Readonly<Record<string, unknown>>,
    at: { readonly path: string; readonly partial: boolean },
  ): void {
    for (const [key, pattern] of Object.entries(patterns)) {
      const member = Object.hasOwn(actual, key) ? { value: actual[key] } : undefined;
      this.compareMember(pattern, member, childPath(at.path, key));
    }
    if (at.partial) return;
    for (const key in actual) {
      if (this.full) return;
      if (!Object.hasOwn(actual, key) || Object.hasOwn(patterns, key)) continue;
      this.differ(childPath(at.path, key), nothing, preview(actual[key]));
    }
  }

  compareMember(pattern: unknown, actual: { readonly value: unknown } | undefined, path: string): void {
    if (actual !== undefined) this.compare(pattern, actual.value, path);
    else if (!(isOperators(pattern) && ('$absent' in pattern || '$optional' in pattern))) {
      this.differ(path, describePattern(pattern), nothing);
    }
  }

  differ(path: string, expected: string, actual: string): void {
    if (!this.full) this.differences.push({ path, expected, actual });
  }

  attempt(compare: (matching: Matching) => void): Attempt {
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

  #compareArray(patterns: readonly unknown[], actual: unknown, path: string): void {
    if (!Array.isArray(actual)) {
      this.differ(path, preview(patterns), preview(actual));
      return;
    }
    for (const [index, pattern] of patterns.entries()) {
      const item = index < actual.length ? { value: actual[index] } : undefined;
      this.compareMember(pattern, item, childPath(path, index));
    }
    if (actual.length <= patterns.length) return;
    const more = actual.length - patterns.length;
    const rest =
      more === 1
        ? preview(actual[patterns.length])
        : `${more} more items: ${preview(actual.slice(patterns.length, patterns.length + 10))}`;
    this.differ(childPath(path, patterns.length), nothing, rest);
  }

  #compareObject(patterns: Readonly<Record<string, unknown>>, actual: unknown, path: string): void {
    if (isObject(actual)) this.compareMembers(patterns, actual, { path, partial: false });
    else this.differ(path, preview(patterns), preview(actual));
  }

  #compareLiteral(
    { expected, actual }: { readonly expected: unknown; readonly actual: unknown },
    path: string,
    depth: number,
  ): void {
    if (this.full || equals(expected, actual)) return;
    if (typeof expected === 'string' && typeof actual === 'string') {
      const from = firstDifference(expected, actual);
      this.differ(path, previewString(expected, from), previewString(actual, from));
    } else if (depth < literalDepth && isObject(expected) && isObject(actual)) {
      this.#compareKeys(expected, actual, { path, depth });
    } else if (depth < literalDepth && Array.isArray(expected) && Array.isArray(actual)) {
      this.#compareKeys(expected, actual, { path, depth });
    } else {
      this.differ(path, preview(expected), preview(actual));
    }
  }

  #compareKeys(
    expected: object,
    actual: object,
    at: { readonly path: string; readonly depth: number },
  ): void {
    const membersOf = (value: object) => new Map<string, unknown>(Object.entries(value));
    const [wanted, given] = [membersOf(expected), membersOf(actual)];
    for (const key of new Set([...wanted.keys(), ...given.keys()])) {
      if (this.full) return;
      const path = childPath(at.path, key);
      if (!given.has(key)) this.differ(path, preview(wanted.get(key)), nothing);
      else if (!wanted.has(key)) this.differ(path, nothing, preview(given.get(key)));
      else this.#compareLiteral({ expected: wanted.get(key), actual: given.get(key) }, path, at.depth + 1);
    }
  }
}
