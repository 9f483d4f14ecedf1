import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../../base/testing/fuzz-runs.ts';
import { jsonToken } from '../mcp/json-token.ts';
import { runAtOnce } from './fair-work.ts';
import { parseInSteps, tokenInSteps } from './large-json.ts';
import { outlineOf } from './scan.ts';

const limits = { members: 1000, nesting: 1000 };
const names = fc.constantFrom('a', 'b', '__proto__', '0', '10', '', 'é\n"\\', 'constructor');
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(null, true),
    ),
    fc.array(tie('json'), { maxLength: 6 }),
    fc.array(fc.tuple(names, tie('json')), { maxLength: 6 }).map((members) => ({ members })),
  ),
}));

/** Writes a value as JSON. Objects may have members of the same name. */
function write(value: unknown, space: string): string {
  if (Array.isArray(value)) return `[${space}${value.map((each) => write(each, space)).join(`${space},`)}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const { members } = value as { readonly members: readonly (readonly [string, unknown])[] };
  const texts = members.map(([name, each]) => `${JSON.stringify(name)}${space}:${write(each, space)}`);
  return `{${texts.join(`,${space}`)}${space}}`;
}

const texts = fc
  .tuple(json, fc.constantFrom('', ' ', '\n\t'))
  .map(([value, space]) => `${space}${write(value, space)}`);

/** Replaces, removes or inserts a character. */
const damaged = fc
  .tuple(
    texts,
    fc.nat(),
    fc.constantFrom('', ',', ']', '}', '[', '{', '"', ':', '0', '\\', ' ', '\ufeff'),
    fc.nat(1),
  )
  .map(([text, at, inserted, removed]) => {
    const index = at % (text.length + 1);
    const changed = text.slice(0, index) + inserted + text.slice(index + removed);
    // Half of a character is not UTF-8.
    return Buffer.from(changed).toString();
  });

const pieceSizes = fc.constantFrom(1, 2, 5, 20);

function parseAtOnce(text: string): unknown {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'invalid';
  }
}

/** Returns 'small' for a text without a large container, which has to be parsed at once. */
function parseLarge(text: string, pieceBytes: number): unknown {
  const bytes = Buffer.from(text);
  const outline = runAtOnce(outlineOf(bytes, { ...limits, pieceBytes }));
  if (outline.kind !== 'ok') return 'invalid';
  if (outline.root === undefined) return 'small';
  try {
    return { value: runAtOnce(parseInSteps(bytes, outline.root)) };
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return 'invalid';
  }
}

describe('parsing in steps', () => {
  test('valid texts have the value of JSON.parse', () => {
    fc.assert(
      fc.property(texts, pieceSizes, (text, pieceBytes) => {
        const value = parseLarge(text, pieceBytes);
        if (value !== 'small') expect(value).toEqual(parseAtOnce(text));
      }),
      fuzzRuns(1000),
    );
  });

  test('damaged texts are refused as JSON.parse refuses them', () => {
    fc.assert(
      fc.property(damaged, pieceSizes, (text, pieceBytes) => {
        const value = parseLarge(text, pieceBytes);
        if (value !== 'small') expect(value).toEqual(parseAtOnce(text));
      }),
      fuzzRuns(3000),
    );
  });

  test('tokens are those of jsonToken', () => {
    const paths = fc.array(names, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(texts, pieceSizes, paths, (text, pieceBytes, path) => {
        const bytes = Buffer.from(text);
        const outline = runAtOnce(outlineOf(bytes, { ...limits, pieceBytes }));
        if (outline.kind !== 'ok' || outline.root === undefined) return;
        expect(runAtOnce(tokenInSteps(bytes, outline.root, path))).toBe(jsonToken(text, path));
      }),
      fuzzRuns(1000),
    );
  });
});

test.each([
  ['{"a":{"b":1,"c":2}}', { members: 2, nesting: 2 }, 'ok'],
  ['{"a":{"b":1,"c":2}}', { members: 1, nesting: 2 }, 'too-wide'],
  ['{"a":{"b":1,"c":2}}', { members: 2, nesting: 1 }, 'too-deep'],
  ['[[[]]]', { members: 0, nesting: 3 }, 'ok'],
  ['[[[[]]]]', { members: 0, nesting: 2 }, 'too-deep'],
  ['[[[[{"a":1}]],0]]', { members: 0, nesting: 2 }, 'too-deep'],
  ['[[[', { members: 0, nesting: 2 }, 'malformed'],
  ['"[[[{::', { members: 0, nesting: 1 }, 'malformed'],
  ['{]', { members: 0, nesting: 9 }, 'malformed'],
])('the outline of %s with the limits %j is %s', (text, bounds, kind) => {
  expect(runAtOnce(outlineOf(Buffer.from(text), { ...bounds, pieceBytes: 4 })).kind).toBe(kind);
});
