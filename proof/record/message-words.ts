import { isMap, isNode, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import { isObject } from '../../conformance/match/canonical.ts';
import { unstable } from './common.ts';

/** Members of messages whose expectation may use a shorthand. */
const partial: ReadonlySet<string> = new Set(['params', 'result', 'error']);

/** Reduces an observed message to the members that an expectation names, in the shorthands of the expectation. */
export function toShorthand(named: YAMLMap, message: unknown): Record<string, unknown> {
  const members = named.items.flatMap((pair): [string, unknown][] => {
    const name = keyOf(pair);
    const seen = name === 'toolText' ? toolText(message) : at(message, name);
    if (seen === undefined) return [];
    return [[name, partial.has(name) && isNode(pair.value) ? partOf(pair.value, seen) : seen]];
  });
  return Object.fromEntries(members);
}

/** Applies shorthands: `object` for any object, a number for the code of an error, a mapping for some members. */
function partOf(written: Node, seen: unknown): unknown {
  if (!isObject(seen)) return seen;
  if (isScalar(written)) {
    if (written.value === 'object') return 'object';
    return typeof written.value === 'number' ? at(seen, 'code') : seen;
  }
  if (!isMap(written)) return seen;
  const names = written.items.map(keyOf);
  if (names.some((name) => name.startsWith('$'))) return seen;
  return Object.fromEntries(Object.entries(seen).filter(([name]) => names.includes(name)));
}

function toolText(message: unknown): unknown {
  const content = at(message, 'result', 'content');
  if (!Array.isArray(content)) return content;
  return content.length === 1 ? at(content[0], 'text') : undefined;
}

/** Returns a nested value: undefined if missing, unstable if a parent is unstable. */
function at(value: unknown, ...names: readonly string[]): unknown {
  let inner = value;
  for (const name of names) {
    if (inner === unstable) return unstable;
    inner = isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined;
  }
  return inner;
}

function keyOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}
