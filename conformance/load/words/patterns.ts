import { isObject } from '../../match/canonical.ts';
import { isOperators } from '../../match/operators.ts';
import type { Place } from './place.ts';

type Members = Readonly<Record<string, unknown>>;

type Expand = (argument: unknown, place: Place) => Members;

/** Named patterns, each with a function that returns the equivalent operators. */
const named: ReadonlyMap<string, Expand> = new Map<string, Expand>([
  ['$mediaType', mediaType],
  ['$uuid', uuid],
  ['$unguessable', unguessable],
  ['$message', (argument, place) => ({ $include: messageMembers(Object(argument), place) })],
]);

/** Operators whose argument is not a pattern. */
const opaque: ReadonlySet<string> = new Set(['$literal', '$number', '$type', '$unique', '$range', '$length']);

/** Replaces every named pattern in a pattern with the equivalent operators. */
export function expandPattern(pattern: unknown, place: Place): unknown {
  if (Array.isArray(pattern)) return pattern.map((item, index) => expandPattern(item, place.at(index)));
  if (!isObject(pattern)) return pattern;
  const beside: Members[] = [];
  const expanded = Object.entries(pattern).flatMap(([key, argument]): (readonly [string, unknown])[] => {
    const expand = named.get(key);
    if (expand === undefined)
      return [[key, opaque.has(key) ? argument : expandPattern(argument, place.at(key))]];
    const operators = expand(argument, place.writtenAt(key));
    for (const operator of Object.keys(operators)) place.moved([operator], [key]);
    // A mapping cannot have the same operator twice: the second one goes into $allOf.
    if (!Object.keys(operators).some((operator) => operator in pattern)) return Object.entries(operators);
    beside.push(operators);
    return [];
  });
  const whole = Object.fromEntries(expanded);
  if (beside.length === 0) return whole;
  return { ...whole, $allOf: [...(Array.isArray(whole['$allOf']) ? whole['$allOf'] : []), ...beside] };
}

/**
 * Expands the short words in the members of a JSON-RPC message, for use in `$include`. A mapping in `result` or
 * `params` matches an object with at least these members, `result: object` any object, `error: -32601` an error with
 * this code, and `toolText` the result of a tool with a single block of text.
 * @param place the place of the mapping whose members move into `$include`
 */
export function messageMembers(written: Members, place: Place): Members {
  const members = Object.entries(written).map(([key, value]) => {
    if (key === 'toolText') {
      const path = ['$include', 'result', '$include', 'content', 0, '$include', 'text'];
      const text = expandPattern(value, place.moved(path, [key]));
      return ['result', { $include: { content: [{ $include: { type: 'text', text } }] } }];
    }
    const at = place.moved(['$include', key], [key]);
    return [key, partial.has(key) ? partialPattern(value, at) : expandPattern(value, at)];
  });
  return Object.fromEntries(members);
}

/** Members of messages for which a mapping is a partial pattern: the value may have further members. */
const partial: ReadonlySet<string> = new Set(['params', 'result', 'error']);

function partialPattern(value: unknown, place: Place): unknown {
  if (value === 'object') return { $type: 'object' };
  if (typeof value === 'number') return { $include: { code: value } };
  if (!isObject(value) || isOperators(value)) return expandPattern(value, place);
  return { $include: expandPattern(value, place.moved(['$include'], [])) };
}

/** `$mediaType: application/json`: this type with or without parameters, ignoring case. */
function mediaType(type: unknown): Members {
  return { $regex: `(?i)^${String(type).replace(/[.+*?^$()|[\]{}\\]/g, '\\$&')}(\\s*;|$)` };
}

/** `$uuid: [4]`: a UUID of one of these versions. `$uuid: true`: a UUID of any version. */
function uuid(versions: unknown): Members {
  const version = Array.isArray(versions) ? `[${versions.join('')}]` : '[1-8]';
  return { $regex: `(?i)^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$` };
}

/** Twenty random visible characters (of 94) carry 131 bits. A run of ten equal characters is not random. */
function unguessable(): Members {
  return { $allOf: [{ $regex: '^[\\x21-\\x7e]{20,}$' }, { $not: { $regex: '(.)\\1{9}' } }] };
}
