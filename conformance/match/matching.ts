import type { SchemaSet } from './schema-set.ts';
import type { ReadonlyVariables } from './variables.ts';

/** What patterns may refer to. */
export interface MatchContext {
  /** For `${name}` and `$ref`. */
  readonly variables: ReadonlyVariables;
  /** For `$schema`. */
  readonly schemas: SchemaSet;
}

/** A pattern that has no meaning: an operator that does not exist, or an argument that it cannot take. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly code = 'pattern-invalid';
}

/** A comparison under way, as operators see it. Paths are JSON pointers into the observation. */
export interface Matching {
  readonly schemas: SchemaSet;
  /** The variables, with what this comparison has saved so far. */
  readonly variables: ReadonlyVariables;
  /** Compares a value with a pattern. */
  compare(pattern: unknown, actual: unknown, path: string): void;
  /** Compares a value with a value in which nothing is a pattern. */
  compareLiteral(expected: unknown, actual: unknown, path: string): void;
  /** Compares the members of an object with patterns. Those without a pattern are differences, unless `partial`. */
  compareMembers(
    patterns: Readonly<Record<string, unknown>>,
    actual: Readonly<Record<string, unknown>>,
    at: { readonly path: string; readonly partial: boolean },
  ): void;
  /** Compares a member that may not be there. */
  compareMember(pattern: unknown, actual: { readonly value: unknown } | undefined, path: string): void;
  /** Notes a difference. Both texts are bounded already. */
  differ(path: string, expected: string, actual: string): void;
  /** Compares on the side: nothing is noted or saved here unless the attempt is adopted. */
  attempt(compare: (matching: Matching) => void): Attempt;
  /** Takes over what an attempt has saved. */
  adopt(attempt: Attempt): void;
  save(name: string, value: unknown): void;
  /** Enough differences are noted: the rest need not be looked at. */
  readonly full: boolean;
}

/** The outcome of a comparison on the side. */
export interface Attempt {
  readonly holds: boolean;
  readonly differences: readonly {
    readonly path: string;
    readonly expected: string;
    readonly actual: string;
  }[];
  readonly saved: ReadonlyMap<string, unknown>;
}
