import type { CaseHead } from '../case/case.ts';
import { count } from '../text/text.ts';
import { UsageError } from './usage-error.ts';

/**
 * A part of the work, such as the second of five. The parts 1 to `of` are disjoint, and together they are the whole.
 */
export interface ShardChoice {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

const maxShards = 10_000;

/** Parses a shard: `2/5`. @throws UsageError */
export function parseShard(value: string, flag: string): ShardChoice {
  const [, index, of] = (/^(\d{1,5})\/(\d{1,5})$/.exec(value) ?? []).map(Number);
  if (index === undefined || of === undefined || index < 1 || index > of || of > maxShards) {
    throw new UsageError(`${flag} must be INDEX/NUMBER, such as 2/5 for the second of five, not ${value}`);
  }
  return { index, of };
}

/**
 * Returns the cases of a shard in their order, each with its position in the selection. Long cases are dealt
 * first, so that each shard has about the same number of them.
 * @throws UsageError if there are more shards than cases
 */
export function dealCases<Case extends CaseHead>(
  cases: readonly Case[],
  { index, of }: ShardChoice,
): readonly Case[] {
  if (of > cases.length)
    throw tooManyShards(of, cases.length, `the selection has ${count(cases.length, 'case')}`);
  const own = new Set(longestFirst(cases).filter((_, place) => place % of === index - 1));
  return cases.flatMap((testCase, place) => (own.has(testCase) ? [{ ...testCase, ordinal: place + 1 }] : []));
}

/** Orders cases by likely duration: first those that run alone, then those that start instances, then by time limit. */
function longestFirst<Case extends CaseHead>(cases: readonly Case[]): readonly Case[] {
  const weight = ({ alone, needs, deadlineMs }: Case): readonly number[] => [
    alone ? 1 : 0,
    (needs.runner ?? []).length > 0 ? 1 : 0,
    deadlineMs,
  ];
  return cases.toSorted((one, other) => {
    const [first, second] = [weight(one), weight(other)];
    const place = first.findIndex((value, at) => value !== second[at]);
    return place < 0 ? 0 : (second[place] ?? 0) - (first[place] ?? 0);
  });
}

/** A target in a shard of a matrix. */
export interface DealtTarget<Target> {
  readonly target: Target;
  /** The part of the cases of this target. Undefined if the shard has all of them. */
  readonly part: ShardChoice | undefined;
}

/**
 * Returns the targets of a shard of a matrix. Each shard gets whole targets. If there are more shards than targets,
 * several shards share the cases of one target.
 * @param cases number of cases of each target
 * @throws UsageError if there are more shards than targets and cases allow
 */
export function dealTargets<Target>(
  targets: readonly Target[],
  cases: number,
  { index, of }: ShardChoice,
): readonly DealtTarget<Target>[] {
  if (targets.length === 0) return [];
  if (of <= targets.length) {
    return targets
      .filter((_, place) => place % of === index - 1)
      .map((target) => ({ target, part: undefined }));
  }
  const most = targets.length * cases;
  if (of > most) {
    const found = `the matrix has ${count(targets.length, 'target')} with ${count(cases, 'case')} each`;
    throw tooManyShards(of, most, found);
  }
  let before = 0;
  for (const [place, target] of targets.entries()) {
    const parts = Math.floor(of / targets.length) + (place < of % targets.length ? 1 : 0);
    if (index <= before + parts) {
      return [{ target, part: parts === 1 ? undefined : { index: index - before, of: parts } }];
    }
    before += parts;
  }
  return [];
}

function tooManyShards(of: number, most: number, found: string): UsageError {
  return new UsageError(`--shard: ${found}, too few for ${count(of, 'shard')}; use at most ${most}`);
}
