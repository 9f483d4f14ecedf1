/** Formats microseconds with three significant digits: `87 µs`, `1.25 ms`, `2.1 s`. */
export function latency(us: number): string {
  if (us >= 1_000_000) return `${digits(us / 1_000_000)} s`;
  return us >= 1_000 ? `${digits(us / 1_000)} ms` : `${digits(us)} µs`;
}

/** Formats bytes in decimal units, as Docker does: `86.4 MB`. */
export function bytes(amount: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, amount < 1 ? 0 : Math.floor(Math.log10(amount) / 3));
  return `${digits(amount / 1_000 ** power)} ${units[power]}`;
}

/** Formats a number with three significant digits, and with thin spaces between groups of three. */
export function amount(value: number): string {
  if (Math.abs(value) < 1_000) return digits(value);
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** Formats a share: 0.153 becomes `15.3 %`, with a sign if wanted. */
export function percent(share: number, signed = false): string {
  const value = share * 100;
  const text = Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(1)));
  return `${signed && value > 0 ? '+' : ''}${text.replace('-', '−')} %`;
}

function digits(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
