/** Formats a count: `1 case`, `1,200 cases`. */
export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en')} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Formats a duration in milliseconds: `0.4 ms`, `38 ms`, `1.20 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Formats a time in the time zone of the reader: `29 November 2026, 21:34:05 UTC`. */
export function dateTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}

/** Formats the time of day with milliseconds, in the time zone of the reader. */
export function timeOfDay(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const text = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return `${text}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Describes the effect of a finding: `3 cases fail, 12 are blocked`. */
export function extentOf(cases: number, blocked: number): string {
  const failing = `${count(cases, 'case')} ${cases === 1 ? 'fails' : 'fail'}`;
  if (blocked === 0) return failing;
  if (cases === 0) return `${count(blocked, 'case')} blocked`;
  return `${failing}, ${blocked} ${blocked === 1 ? 'is' : 'are'} blocked`;
}

/**
 * Returns the summary of a finding without its clause, which stands beside it, and without an item that has no name.
 */
export function summaryWithoutClause(summary: string, clause: string): string {
  const withItem = summary.replace(/^for (""|\{\}|\[\]|null): /, '');
  const at = withItem.indexOf(`${clause}: `);
  const isPrefix =
    at === 0 || (at > 0 && withItem.startsWith('for ') && withItem.slice(0, at).endsWith(': '));
  return isPrefix ? withItem.slice(0, at) + withItem.slice(at + clause.length + 2) : withItem;
}

/** Renders a value as JSON for people. */
export function pretty(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}
