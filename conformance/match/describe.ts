import { isObject } from './canonical.ts';
import { preview } from './preview.ts';

/** Describes a pattern in words, or a literal as JSON. The text is bounded in length. */
export function describePattern(pattern: unknown): string {
  if (!isObject(pattern) || !Object.keys(pattern).some((key) => key.startsWith('$'))) return preview(pattern);
  const parts = Object.entries(pattern)
    .filter(([operator]) => operator !== '$save')
    .map(
      ([operator, argument]) => descriptions.get(operator)?.(argument) ?? preview({ [operator]: argument }),
    );
  const text = parts.length === 0 ? 'anything' : parts.join(' and ');
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

const descriptions = new Map<string, (argument: unknown) => string>([
  ['$any', () => 'anything'],
  ['$absent', () => 'nothing'],
  ['$optional', (pattern) => `nothing or ${describePattern(pattern)}`],
  [
    '$type',
    (type) => (type === 'null' ? 'null' : `${/^[aio]/.test(asText(type)) ? 'an' : 'a'} ${asText(type)}`),
  ],
  ['$regex', (source) => `a string that matches /${asText(source)}/`],
  ['$contains', (pattern) => `a value that contains ${describePattern(pattern)}`],
  ['$include', (members) => `an object with at least ${preview(members)}`],
  ['$each', (pattern) => `an array in which every item is ${describePattern(pattern)}`],
  ['$length', (length) => `a length ${describeInterval(length)}`],
  [
    '$unique',
    (name) => (name === true ? 'no duplicate items' : `no two items with the same ${asText(name)}`),
  ],
  ['$unordered', (items) => `an array of these items in any order: ${preview(items)}`],
  ['$range', (bounds) => `a number ${describeInterval(bounds)}`],
  ['$number', (token) => `the number ${asText(token)}`],
  ['$oneOf', (patterns) => `one of: ${describePatterns(patterns)}`],
  ['$allOf', (patterns) => `all of: ${describePatterns(patterns)}`],
  ['$not', (pattern) => `not ${describePattern(pattern)}`],
  ['$base64', (pattern) => `base64 of ${describePattern(pattern)}`],
  ['$json', (pattern) => `a string that contains JSON for ${describePattern(pattern)}`],
  ['$schema', (name) => `a value that fits ${asText(name)}.schema.json`],
  ['$ref', (name) => `the value of \${${asText(name)}}`],
  ['$literal', (value) => preview(value)],
]);

/** Returns a string unchanged and any other argument, which is invalid, as JSON. */
function asText(argument: unknown): string {
  return typeof argument === 'string' ? argument : preview(argument);
}

function describeInterval(bounds: unknown): string {
  if (!Array.isArray(bounds)) return `of ${preview(bounds)}`;
  const [least, most] = bounds;
  if (least === null) return `of at most ${preview(most)}`;
  return most === null ? `of at least ${preview(least)}` : `from ${preview(least)} to ${preview(most)}`;
}

function describePatterns(patterns: unknown): string {
  return Array.isArray(patterns) ? patterns.slice(0, 20).map(describePattern).join(' | ') : preview(patterns);
}
