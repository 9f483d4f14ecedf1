import type { DataCase } from '../../case/case.ts';
import { parseDuration } from '../../case/duration.ts';
import { isObject } from '../../match/canonical.ts';

/** The case that shows whether the target serves every RPC, which all other cases rely on. */
const everyRpc = 'calls/four-methods';
/** Number of repetitions below which a step does not affect the order of cases. */
const fewRounds = 20;
/** The usual number of copies in a step `alterations`. It depends on a text that the target sends. */
const usualAlterations = 250;

/**
 * Returns the order in which to begin cases. Cases that explain the failures of others come first, before anything
 * piles up in a runtime that does not release it. Then come the longest ones, so that they run concurrently with the
 * others and not after them. Cases that judge the answers of the whole run come last. The others keep their order.
 */
export function inOrderOfRun(cases: readonly DataCase[]): readonly DataCase[] {
  const foundations = new Set([everyRpc, ...cases.flatMap(({ reliesOn = [] }) => reliesOn)]);
  const rank = (testCase: DataCase): number =>
    foundations.has(testCase.id) ? Number.POSITIVE_INFINITY : judgesRun(testCase) ? -1 : lengthOf(testCase);
  const ranks = new Map(cases.map((testCase) => [testCase, rank(testCase)]));
  return cases.toSorted((one, other) => {
    const [first = 0, second = 0] = [ranks.get(one), ranks.get(other)];
    return first === second ? 0 : second - first;
  });
}

/** Returns whether a case judges the answers that other cases received. */
function judgesRun({ steps }: DataCase): boolean {
  return steps.some(({ verb }) => verb === 'traffic');
}

/** Estimates the duration of a case in milliseconds: 1 ms per repetition, or the longest wait for a call. */
export function lengthOf({ steps }: Pick<DataCase, 'steps'>): number {
  const whole = steps.map(({ verb, argument }) => ({ [verb]: argument }));
  const rounds = roundsOf(whole);
  return Math.max(rounds < fewRounds ? 0 : rounds, maxWait(whole));
}

/** Returns the highest number of repetitions of any step. */
function roundsOf(value: unknown): number {
  if (Array.isArray(value)) return Math.max(1, ...value.map(roundsOf));
  if (!isObject(value)) return 1;
  const { repeat, alterations, ...others } = value;
  const own = alterations === undefined ? 1 : usualAlterations;
  const within = Math.max(own, ...Object.values(others).map(roundsOf));
  if (!isObject(repeat) || typeof repeat['times'] !== 'number') return within;
  return Math.max(within, repeat['times'] * roundsOf(repeat['steps']));
}

/** Returns the longest deadline of any step in milliseconds, or 0 if no step has one. */
function maxWait(value: unknown): number {
  if (Array.isArray(value)) return Math.max(0, ...value.map(maxWait));
  if (!isObject(value)) return 0;
  const { deadline, ...others } = value;
  const own = typeof deadline === 'string' ? (parseDuration(deadline) ?? 0) : 0;
  return Math.max(own, ...Object.values(others).map(maxWait));
}
