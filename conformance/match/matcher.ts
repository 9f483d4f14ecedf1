import type { ReadonlyVariables } from './variables.ts';

/** One place at which the observation differs from the expectation. */
export interface Difference {
  /** JSON pointer into the observation, such as `/message/result`. */
  readonly path: string;
  /** The expectation, in words or as JSON. */
  readonly expected: string;
  /** The observed value as JSON, or `nothing`. */
  readonly actual: string;
}

/** The text for a missing value in a difference. */
export const nothing = 'nothing';

/** One violation of a schema. */
export interface SchemaProblem {
  /** JSON pointer into the value. */
  readonly path: string;
  readonly message: string;
  /** The value at that place. */
  readonly value: unknown;
}

/** Variables and schemas that patterns may refer to. */
export interface MatchContext {
  /** For `${name}` and `$ref`. */
  readonly variables: ReadonlyVariables;
  /** For `$schema`. */
  readonly schemas: {
    /** Returns the violations of a schema. @throws PatternError for an unknown or invalid schema */
    check(name: string, value: unknown): readonly SchemaProblem[];
  };
}

/** Thrown for an invalid pattern: an unknown operator, or an operator with an invalid argument. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly code = 'pattern-invalid';
}

/**
 * A comparison in progress, as operators see it. Paths are JSON pointers into the observation. The variables include
 * those that the comparison has saved so far.
 */
export interface Matcher extends MatchContext {
  /** Compares a value with a pattern. */
  compare(pattern: unknown, actual: unknown, path: string): void;
  /** Compares a value with a literal, whose content is not interpreted. */
  compareLiteral(expected: unknown, actual: unknown, path: string): void;
  /** Compares the members of an object with patterns. Unless `partial`, members without a pattern are differences. */
  compareMembers(
    patterns: Readonly<Record<string, unknown>>,
    actual: Readonly<Record<string, unknown>>,
    at: { readonly path: string; readonly partial: boolean },
  ): void;
  /** Compares a member that may be missing. */
  compareMember(pattern: unknown, actual: { readonly value: unknown } | undefined, path: string): void;
  /** Adds a difference. The caller bounds both texts. */
  addDifference(path: string, expected: string, actual: string): void;
  /** Runs a separate comparison, whose saved values count only if the attempt is adopted. */
  attempt(compare: (matcher: Matcher) => void): Attempt;
  /** Takes over the values that an attempt has saved. */
  adopt(attempt: Attempt): void;
  /** Saves a value as a variable. */
  save(name: string, value: unknown): void;
  /** Whether the maximum number of differences is reached and the rest can be skipped. */
  readonly full: boolean;
}

/** The result of a separate comparison. */
export interface Attempt {
  readonly holds: boolean;
  readonly differences: readonly Difference[];
  readonly saved: ReadonlyMap<string, unknown>;
}
