import { kindOf, type Target, targetKinds } from '../../runners/kinds.ts';
import type { TargetFlag, TargetKind } from '../../runners/target-kind.ts';
import type { OwnItems } from '../case/roles.ts';
import { listed } from '../text/text.ts';
import { UsageError } from './usage-error.ts';

/** A target with its name in reports. */
export interface NamedTarget {
  readonly name: string;
  readonly target: Target;
  /** Capabilities that this target must declare. */
  readonly capabilities?: readonly string[];
  /** A file of known failures, which do not count. */
  readonly knownFailures?: string;
  /** Items of the target's own, by the role that each plays in cases. */
  readonly own?: OwnItems;
}

/** The values of a target's flags, by flag name. */
export type TargetValues = Readonly<Record<string, unknown>>;

/** Maps each target option to the kinds that accept it. Flags that select a target are not included. */
export function flagsOfTargets(): ReadonlyMap<TargetFlag, readonly TargetKind<Target, string>[]> {
  const flags = new Set<TargetFlag>(targetKinds.flatMap((kind) => kind.flags));
  return new Map([...flags].map((flag) => [flag, targetKinds.filter((kind) => kind.flags.includes(flag))]));
}

/** Lists the flags that select a target of one of these kinds: `--image or --command`. */
export function namingFlags(kinds: readonly TargetKind<Target, string>[]): string {
  return listed(kinds.map(({ flag }) => `--${flag.name}`));
}

/**
 * Returns the target named by the flags of a command line.
 * @param args the arguments after `--`
 * @param fallback the target if no flag names one
 * @throws UsageError for flags that do not apply to the target
 */
export function readTarget(values: TargetValues, args: readonly string[], fallback: Target): Target {
  const named = targetKinds.filter(({ flag }) => values[flag.name] !== undefined);
  if (named.length > 1) {
    const flags = named.map(({ flag }) => `--${flag.name}`).join(' and ');
    throw new UsageError(`${flags} exclude each other; name one target`);
  }
  const kind = named[0] ?? kindOf(fallback);
  for (const [{ name, form }, owners] of flagsOfTargets()) {
    const value = values[name];
    if (value === undefined) continue;
    if (!owners.includes(kind)) {
      throw new UsageError(`--${name} requires ${namingFlags(owners)}`);
    }
    const wrong = form && [value].flat().find((each) => !new RegExp(form.pattern).test(String(each)));
    if (wrong !== undefined) throw new UsageError(`--${name} ${wrong}: the value must be ${form?.title}`);
  }
  if (args.length > 0 && !kind.takesArguments) {
    const owners = targetKinds.filter(({ takesArguments }) => takesArguments);
    throw new UsageError(`arguments after -- are for the target; name one with ${namingFlags(owners)}`);
  }
  return named.length === 0 ? fallback : targetOf(kind, values, args);
}

/** Builds a target of the given kind from the validated values of its flags. */
export function targetOf(
  kind: TargetKind<Target, string>,
  values: TargetValues,
  args: readonly string[],
): Target {
  const members = [kind.flag, ...kind.flags].map(({ name, key, takes }) => [
    key,
    values[name] ?? (takes === 'list' ? [] : undefined),
  ]);
  // The members match the type, because the type of a kind's flags is derived from its target.
  return {
    kind: kind.name,
    ...Object.fromEntries(members),
    ...(kind.takesArguments ? { args } : {}),
  } as Target;
}

/** Returns the command-line words that select a target, without secrets, and the arguments after `--`. */
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
