import { kindOf, type Target, targetKinds } from '../../runners/kinds.ts';
import type { TargetFlag, TargetKind } from '../../runners/target-kind.ts';
import { listed } from '../text/text.ts';
import { UsageError } from './usage-error.ts';

/** An implementation with the name that reports give it. */
export interface NamedTarget {
  readonly name: string;
  readonly target: Target;
  /** Capabilities that this one has to declare. */
  readonly capabilities?: readonly string[];
  /** A file of failures that do not count. */
  readonly knownFailures?: string;
}

/** The values of flags about a target, by the flags' names. */
export type TargetValues = Readonly<Record<string, unknown>>;

/** All flags about targets, each with the kinds that it goes with; the ones that name a target aside. */
export function flagsOfTargets(): ReadonlyMap<TargetFlag, readonly TargetKind<Target, string>[]> {
  const flags = new Set<TargetFlag>(targetKinds.flatMap((kind) => kind.flags));
  return new Map([...flags].map((flag) => [flag, targetKinds.filter((kind) => kind.flags.includes(flag))]));
}

/** `--image or --command`. */
export function namingFlags(kinds: readonly TargetKind<Target, string>[]): string {
  return listed(kinds.map(({ flag }) => `--${flag.name}`));
}

/**
 * Finds out which target the flags of a command line mean, and refuses those that have no meaning for it.
 * @param args what follows `--`
 * @param fallback the target that is meant where no flag names one
 * @throws UsageError
 */
export function readTarget(values: TargetValues, args: readonly string[], fallback: Target): Target {
  const named = targetKinds.filter(({ flag }) => values[flag.name] !== undefined);
  if (named.length > 1) {
    const flags = named.map(({ flag }) => `--${flag.name}`).join(' and ');
    throw new UsageError(`${flags} exclude each other: there is one target`);
  }
  const kind = named[0] ?? kindOf(fallback);
  for (const [{ name, form }, owners] of flagsOfTargets()) {
    const value = values[name];
    if (value === undefined) continue;
    if (!owners.includes(kind)) {
      throw new UsageError(`--${name} goes with ${namingFlags(owners)}, which is not given`);
    }
    if (form !== undefined && !new RegExp(form.pattern).test(String(value))) {
      throw new UsageError(`--${name} ${value}: that is not ${form.title}`);
    }
  }
  if (args.length > 0 && !kind.takesArguments) {
    const owners = targetKinds.filter(({ takesArguments }) => takesArguments);
    throw new UsageError(`arguments after -- are those of the target: name one with ${namingFlags(owners)}`);
  }
  return named.length === 0 ? fallback : targetOf(kind, values, args);
}

/** Puts a target of a kind together from the values of its flags, which have been checked. */
export function targetOf(
  kind: TargetKind<Target, string>,
  values: TargetValues,
  args: readonly string[],
): Target {
  const members = [kind.flag, ...kind.flags].map(({ name, key, takes }) => [
    key,
    values[name] ?? (takes === 'list' ? [] : undefined),
  ]);
  // The flags of a kind are typed by the members of its target.
  return {
    kind: kind.name,
    ...Object.fromEntries(members),
    ...(kind.takesArguments ? { args } : {}),
  } as Target;
}

/** The words of a command line that mean a target, without secrets, and the arguments that follow `--`. */
export function wordsOf(target: Target): {
  readonly words: readonly string[];
  readonly args: readonly string[];
} {
  const kind = kindOf(target);
  const { args = [], ...members }: { readonly args?: readonly string[]; readonly [key: string]: unknown } = {
    ...target,
  };
  const words = [kind.flag, ...kind.flags].flatMap(({ name, key, shown = String }) =>
    [members[key] ?? []]
      .flat()
      .filter((value) => kind.defaultValue === undefined || value !== kind.defaultValue)
      .flatMap((value) => [`--${name}`, shown(String(value))]),
  );
  return { words, args };
}
