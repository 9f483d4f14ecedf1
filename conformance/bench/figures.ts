import type { Measured, Usage } from './report.ts';

/** Formats a number for a table: `1,234`, `12.3` or `0.45`. */
export function count(value: number): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** Formats a latency in milliseconds. @param us microseconds */
export function latencyText(us: number): string {
  return count(us / 1_000);
}

/** Formats a size: `130M` for 130 MiB. */
export function bytesText(bytes: number): string {
  return `${count(Math.round(bytes / 2 ** 20))}M`;
}

/** Formats the processor time per operation and the memory, each for a cell of a table. */
export function usageText(usage: Measured<Usage>): readonly [cpu: string, rss: string] {
  if (usage.kind === 'not-measured') return ['-', '-'];
  return [count(usage.value.cpuUsPerOperation), bytesText(usage.value.rssEndBytes)];
}
