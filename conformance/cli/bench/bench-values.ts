import { UsageError } from '../../plan/usage-error.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const maxMs = 24 * 3_600_000;

/** Parses a duration: `500ms`, `10s`, `30m`, `2h`, or a number of seconds. @throws UsageError */
export function readDuration(value: string, flag: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value) ?? [];
  const ms = Number(number) * (units[unit] ?? 0);
  if (number !== '' && ms <= maxMs) return ms;
  throw new UsageError(`${flag} must be a duration such as 10s or 30m, at most 24h, not ${value}`);
}

/** Parses a rate: `500/s` or `500`. @throws UsageError */
export function readRate(value: string, flag: string): number {
  const rate = Number(/^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(value)?.[1]);
  if (rate > 0 && rate <= 1_000_000) return rate;
  throw new UsageError(`${flag} must be a number of operations per second such as 500/s, not ${value}`);
}

/** Parses a share: `10%` is 0.1. @throws UsageError */
export function readPercent(value: string, flag: string): number {
  const [, number = ''] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(value) ?? [];
  if (number !== '' && Number(number) <= 1_000) return Number(number) / 100;
  throw new UsageError(`${flag} must be a percentage such as 10%, not ${value}`);
}
