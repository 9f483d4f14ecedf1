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

/** The text of a difference where there is no value. */
export const nothing = 'nothing';

/** Where and why a value does not fit a schema. */
export interface SchemaProblem {
  /** JSON pointer into the value. */
  readonly path: string;
  readonly message: string;
  /** The value at that place. */
  readonly value: unknown;
}

/** What patterns may refer to. */
export interface MatchContext {
  /** For `${name}` and `$ref`. */
  readonly variables: ReadonlyVariables;
  /** For `$schema`. */
  readonly schemas: {
    /** Why a value does not fit a schema; empty where it does. @throws PatternError for an unknown or broken schema */
    check(name: string, value: unknown): readonly SchemaProblem[];
  };
}

/** A pattern has no meaning: its operator does not exist, or does not take its argument. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly code = 'pattern-invalid';
}

/**
 * A comparison in progress, as operators see it. Paths are JSON pointers into the observation. Its variables include
 * what it has saved so far.
 */
export interface Matching extends MatchContext {
  /** Compares a value with a pattern. */
  compare(pattern: unknown, actual: unknown, path: string): void;
  /** Compares a value with a literal, in which nothing is a pattern. */
  compareLiteral(expected: unknown, actual: unknown, path: string): void;
  /** Compares the members of an object with patterns. Unless `partial`, members without a pattern are differences. */
  compareMembers(
    patterns: Readonly<Record<string, unknown>>,
    actual: Readonly<Record<string, unknown>>,
    at: { readonly path: string; readonly partial: boolean },
  ): void;
  /** Compares a member that may be missing. */
  compareMember(pattern: unknown, actual: { readonly value: unknown } | undefined, path: string): void;
  /** Notes a difference. Both texts are bounded already. */
  differ(path: string, expected: string, actual: string): void;
  /** Compares on the side: nothing is noted or saved here unless the attempt is adopted. */
  attempt(compare: (matching: Matching) => void): Attempt;
  /** Takes over what an attempt has saved. */
  adopt(attempt: Attempt): void;
  /** Keeps a value as a variable. */
  save(name: string, value: unknown): void;
  /** Whether enough differences are noted, so that the rest can be skipped. */
  readonly full: boolean;
}

/** The outcome of a comparison on the side. */
export interface Attempt {
  readonly holds: boolean;
  readonly differences: readonly Difference[];
  readonly saved: ReadonlyMap<string, unknown>;
}
