import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchOutcome } from './expectation.ts';
import { parseJson } from './json.ts';
import { match } from './match.ts';
import { PatternError } from './matcher.ts';
import { operatorNames } from './operators.ts';
import { SchemaSet } from './schema-set.ts';
import { UnknownVariableError } from './variables.ts';

const context = { variables: new Map<string, unknown>([['a', 1]]), schemas: new SchemaSet() };

const key = fc.oneof(
  fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString', ...operatorNames),
  fc.string({ maxLength: 3 }),
);
const text = fc.oneof(
  fc.constantFrom('${a}', '${', '${b}', '$', '(', 'a|b', 'string'),
  fc.string({ maxLength: 4 }),
);

/** JSON that may contain operators and templates. */
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** A value as received from a target: serialized and parsed. */
const sent = json.map((value) => parseJson(JSON.stringify(value)));

function outcome(run: () => { readonly differences: readonly unknown[] }): number | undefined {
  try {
    return run().differences.length;
  } catch (error) {
    if (error instanceof PatternError || error instanceof UnknownVariableError) return undefined;
    throw error;
  }
}

test('compares any pattern with any value, or rejects the pattern', () => {
  fc.assert(
    fc.property(json, sent, (pattern, value) => {
      expect(outcome(() => match(pattern, value, context)) ?? 0).toBeLessThanOrEqual(50);
      expect(
        outcome(() => matchOutcome({ message: pattern }, { grpc: 'OK', message: value }, context)) ?? 0,
      ).toBeLessThanOrEqual(50);
    }),
    { numRuns: 1_000 },
  );
});

test('finds each value equal to itself and each list different from a longer one', () => {
  fc.assert(
    fc.property(sent, (value) => {
      expect(match({ $literal: value }, value, context).differences).toEqual([]);
      expect(match({ $literal: [value] }, [value, 1], context).differences).not.toEqual([]);
    }),
    { numRuns: 500 },
  );
});
