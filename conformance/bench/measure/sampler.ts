import { setTimeout as pause } from 'node:timers/promises';
import type { Measured } from '../report.ts';
import { SliceSamples } from './slice-usage.ts';
import type { UsageMeter, UsageSample } from './usage-meter.ts';

/**
 * Samples the resources of processes at fixed times.
 * @param times milliseconds since the epoch, ascending
 * @param stop ends the sampling early, with a last sample
 * @returns the samples of each meter
 */
export async function sampleAt(
  meters: readonly UsageMeter[],
  times: readonly number[],
  stop: AbortSignal,
): Promise<readonly SliceSamples[]> {
  const samples: Measured<UsageSample>[][] = meters.map(() => []);
  for (const time of times) {
    const ms = Math.max(0, time - Date.now());
    await pause(ms, undefined, { signal: stop }).catch(() => undefined);
    for (const [index, meter] of meters.entries()) samples[index]?.push(await meter.sample());
    if (stop.aborted) break;
  }
  return samples.map(SliceSamples.of);
}

/** Returns the times at which to sample a slice: at the ends of its parts and intervals. */
export function sampleTimes(slice: {
  readonly from: number;
  readonly parts: number;
  readonly partMs: number;
  readonly intervalMs: number;
}): readonly number[] {
  const times = [slice.from];
  for (let part = 0; part < slice.parts; part += 1) {
    const start = slice.from + part * slice.partMs;
    for (let at = slice.intervalMs; at < slice.partMs; at += slice.intervalMs) times.push(start + at);
    times.push(start + slice.partMs);
  }
  return times;
}
