import type { DataCase } from '../../case/case.ts';
import { parseDuration } from '../../case/duration.ts';
import { isObject } from '../../match/canonical.ts';

/** Repeated less often than this, steps take no time that matters for the order. */
const fewRounds = 20;

/**
 * The order to begin cases in: the longest first, so that they end beside the others and not after them; the rest as
 * they stand.
 */
export function longestFirst(cases: readonly DataCase[]): readonly DataCase[] {
  const lengths = new Map(cases.map((testCase) => [testCase, lengthOf(testCase)]));
  const length = (testCase: DataCase): number => lengths.get(testCase) ?? 0;
  return [...cases].sort((one, other) => length(other) - length(one));
}

/** About how long it takes, in milliseconds: one for each round, or what it lets a call wait. */
function lengthOf({ steps }: DataCase): number {
  const whole = steps.map(({ verb, argument }) => ({ [verb]: argument }));
  const rounds = roundsOf(whole);
  return Math.max(rounds < fewRounds ? 0 : rounds, maxWait(whole));
}

/** How often the steps that are repeated most are carried out. */
function roundsOf(value: unknown): number {
  if (Array.isArray(value)) return Math.max(1, ...value.map(roundsOf));
  if (!isObject(value)) return 1;
  const { repeat, ...others } = value;
  const within = Math.max(1, ...Object.values(others).map(roundsOf));
  if (!isObject(repeat) || typeof repeat['times'] !== 'number') return within;
  return Math.max(within, repeat['times'] * roundsOf(repeat['steps']));
}

/** The longest deadline of a step, in milliseconds; 0 where none has one. */
function maxWait(value: unknown): number {
  if (Array.isArray(value)) return Math.max(0, ...value.map(maxWait));
  if (!isObject(value)) return 0;
  const { deadline, ...others } = value;
  const own = typeof deadline === 'string' ? (parseDuration(deadline) ?? 0) : 0;
  return Math.max(own, ...Object.values(others).map(maxWait));
}
