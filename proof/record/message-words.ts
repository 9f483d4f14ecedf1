import { isMap, isNode, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import { isObject } from '../../conformance/match/canonical.ts';
import { unstable } from './common.ts';

/** Members of messages whose value has words of its own. */
const partial: ReadonlySet<string> = new Set(['params', 'result', 'error']);

/** A message that was observed, as far as a mapping in the words of messages compares it, and in these words. */
export function inMessageWords(named: YAMLMap, message: unknown): Record<string, unknown> {
  const members = named.items.flatMap((pair): [string, unknown][] => {
    const name = keyOf(pair);
    const seen = name === 'toolText' ? toolText(message) : at(message, name);
    if (seen === undefined) return [];
    return [[name, partial.has(name) && isNode(pair.value) ? partOf(pair.value, seen) : seen]];
  });
  return Object.fromEntries(members);
}

/** `object` for any object, a number for an error's code, of a mapping the members that it names. */
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

/** A value within a value; unstable where anything around it is, undefined where it is not there. */
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
