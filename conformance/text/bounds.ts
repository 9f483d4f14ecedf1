import { count, cut } from './text.ts';

/** Limits on the part of a value that a report keeps. */
export interface ValueLimits {
  /** Characters of one string. */
  readonly string: number;
  /** Items of one array, members of one object. */
  readonly items: number;
  readonly depth: number;
  /** Total characters of strings and names. */
  readonly total: number;
}

const defaultLimits: ValueLimits = { string: 2_000, items: 100, depth: 12, total: 16_000 };

/**
 * Returns a copy of the value that JSON can represent, bounded in size, with a note at each omission. Bytes become
 * base64 text with their length, and numbers that JavaScript cannot represent become strings.
 */
export function boundValue(value: unknown, limits: ValueLimits = defaultLimits): unknown {
  let budget = limits.total;
  const ancestors = new Set<object>();

  const text = (full: string): string => {
    const kept = cut(full, Math.max(0, Math.min(limits.string, budget)));
    budget -= kept.length;
    return kept;
  };

  const visit = (node: unknown, depth: number): unknown => {
    budget -= 1;
    if (typeof node === 'string') return text(node);
    if (typeof node === 'bigint') return text(node.toString());
    if (typeof node === 'number') return Number.isFinite(node) ? node : String(node);
    if (typeof node === 'boolean' || node === null) return node;
    if (node === undefined) return undefined;
    if (typeof node !== 'object') return text(String(node));
    if (node instanceof Uint8Array) return text(bytes(node, limits.string));
    const number = exactNumber(node);
    if (number !== undefined) return number;
    if (ancestors.has(node)) return '… (circular)';
    if (depth >= limits.depth || budget <= 0) return '… (left out)';
    ancestors.add(node);
    try {
      return Array.isArray(node) ? list(node, depth) : members(node, depth);
    } finally {
      ancestors.delete(node);
    }
  };

  const list = (items: readonly unknown[], depth: number): unknown[] => {
    const kept: unknown[] = [];
    for (const item of items) {
      if (kept.length >= limits.items || budget <= 0) break;
      kept.push(visit(item, depth + 1) ?? null);
    }
    const more = items.length - kept.length;
    return more > 0 ? [...kept, `… (${count(more, 'more item')})`] : kept;
  };

  const members = (node: object, depth: number): Record<string, unknown> => {
    const entries = node instanceof Map ? [...node] : Object.entries(node);
    const kept: [string, unknown][] = [];
    let seen = 0;
    for (const [name, member] of entries) {
      if (seen >= limits.items || budget <= 0) break;
      seen += 1;
      const copy = visit(member, depth + 1);
      if (copy !== undefined) kept.push([text(String(name)), copy]);
    }
    const more = entries.length - seen;
    return Object.fromEntries(more > 0 ? [...kept, ['…', count(more, 'more member')]] : kept);
  };

  return visit(value, 0);
}

function bytes(value: Uint8Array, limit: number): string {
  const shown = Buffer.from(value.subarray(0, Math.min(limit, 96))).toString('base64');
  return `${value.length} bytes, base64 ${shown}${value.length > 96 ? '…' : ''}`;
}

/** Returns the value of a `LosslessNumber` (lossless-json), or its text if a JavaScript number would lose digits. */
function exactNumber(node: object): number | string | undefined {
  if (!('isLosslessNumber' in node) || !('value' in node) || typeof node.value !== 'string') return undefined;
  const number = Number(node.value);
  return String(number) === node.value ? number : node.value;
}
