import { type Measured, percentileMs } from './honest-caller.ts';
import type { TenantsResult } from './measure-target.ts';

/** What a target must achieve. */
export interface Bar {
  /** The largest permitted ratio of the p99 beside the hostile tenant to the quiet p99. */
  readonly factor: number;
  /** Whether the ratio decides. Otherwise only failed calls do. */
  readonly ratioDecides: boolean;
}

/**
 * A shorter quiet p99 counts as this many milliseconds, because below it the scheduler of the operating system decides and
 * not the target: with two processors, Linux lets a process run for 1.5 ms before it gives the processor to another one.
 * The load of the hostile tenant costs any target this much.
 */
export const floorMs = 1.5;

/** Returns the ratio of the p99 beside the hostile tenant to the quiet p99. */
export function ratioOf({ quiet, hostile }: Pick<TenantsResult, 'quiet' | 'hostile'>): number {
  return percentileMs(hostile, 0.99) / Math.max(floorMs, percentileMs(quiet, 0.99));
}

/** Returns the reasons for which a target fails. */
export function problemsOf(result: TenantsResult, { factor, ratioDecides }: Bar): readonly string[] {
  const { quiet, hostile, problems } = result;
  const failed = [
    ...quiet.failures.map((failure) => `alone: ${failure}`),
    ...hostile.failures.map((failure) => `beside the hostile tenant: ${failure}`),
  ];
  const ratio = ratioOf(result);
  const slow =
    ratioDecides && ratio > factor
      ? [`the p99 beside the hostile tenant is ${ratio.toFixed(1)} times the quiet one; the bar is ${factor}`]
      : [];
  return [...failed, ...emptyPhases(result), ...problems, ...slow];
}

/** A phase without calls, or attacks that reach nothing, would prove nothing. */
function emptyPhases({ quiet, hostile, tallies }: TenantsResult): readonly string[] {
  const missing = (measured: Measured, name: string) =>
    measured.calls === 0 ? [`no honest call was measured ${name}`] : [];
  const idle = Object.entries(tallies).filter(([, { sent }]) => sent === 0);
  return [
    ...missing(quiet, 'alone'),
    ...missing(hostile, 'beside the hostile tenant'),
    ...idle.map(([name]) => `the attack ${name} sent nothing`),
  ];
}
