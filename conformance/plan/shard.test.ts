import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CaseHead } from '../case/case.ts';
import { loadSuite } from '../load/load-suite.ts';
import { dealCases, dealTargets, parseShard } from './shard.ts';

const indexes = (of: number) => Array.from({ length: of }, (_, place) => place + 1);

describe('parseShard', () => {
  test('reads the index and the number', () => {
    expect(parseShard('2/5', '--shard')).toEqual({ index: 2, of: 5 });
    expect(parseShard('1/1', '--shard')).toEqual({ index: 1, of: 1 });
  });

  test.each(['', '2', '0/5', '6/5', '2/0', '-1/5', '1.5/2', '2/5/7', 'a/b', '1/99999', '1/100000'])(
    'rejects %j',
    (value) => {
      expect(() => parseShard(value, '--shard')).toThrow(
        `--shard must be INDEX/NUMBER, such as 2/5 for the second of five, not ${value}`,
      );
    },
  );
});

describe('dealCases', () => {
  test('deals each case of the kit to one shard, in their order, with their positions', async () => {
    const { cases } = await loadSuite(undefined);
    for (const of of [2, 3, 7, cases.length]) {
      const shards = indexes(of).map((index) => dealCases(cases, { index, of }));
      const all = shards.flat().sort((one, other) => (one.ordinal ?? 0) - (other.ordinal ?? 0));
      expect(all.map(({ id }) => id)).toEqual(cases.map(({ id }) => id));
      expect(all.map(({ ordinal }) => ordinal)).toEqual(indexes(cases.length));
      for (const shard of shards) {
        expect(shard.map(({ ordinal = 0 }) => ordinal)).toEqual(
          shard.map(({ ordinal = 0 }) => ordinal).sort((one, other) => one - other),
        );
      }
      const sizes = (matching: (head: CaseHead) => boolean) =>
        shards.map((shard) => shard.filter(matching).length);
      for (const matching of [() => true, ({ alone }: CaseHead) => alone]) {
        expect(Math.max(...sizes(matching)) - Math.min(...sizes(matching))).toBeLessThanOrEqual(1);
      }
    }
  });

  test('does not depend on anything but the selection', async () => {
    const { cases } = await loadSuite(undefined);
    const ids = () => dealCases(cases, { index: 2, of: 5 }).map(({ id }) => id);
    expect(ids()).toEqual(ids());
  });

  test('rejects more shards than cases', async () => {
    const { cases } = await loadSuite(undefined);
    expect(() => dealCases(cases.slice(0, 2), { index: 3, of: 3 })).toThrow(
      '--shard: the selection has 2 cases, too few for 3 shards; use at most 2',
    );
  });
});

describe('dealTargets', () => {
  test('deals whole targets first', () => {
    const deal = (index: number) => dealTargets(['a', 'b', 'c', 'd', 'e'], 10, { index, of: 2 });
    expect(deal(1).map(({ target }) => target)).toEqual(['a', 'c', 'e']);
    expect(deal(2)).toEqual([
      { target: 'b', part: undefined },
      { target: 'd', part: undefined },
    ]);
  });

  test('divides the cases of a target if there are more shards than targets', () => {
    expect(indexes(5).map((index) => dealTargets(['a', 'b', 'c'], 10, { index, of: 5 }))).toEqual([
      [{ target: 'a', part: { index: 1, of: 2 } }],
      [{ target: 'a', part: { index: 2, of: 2 } }],
      [{ target: 'b', part: { index: 1, of: 2 } }],
      [{ target: 'b', part: { index: 2, of: 2 } }],
      [{ target: 'c', part: undefined }],
    ]);
  });

  test('rejects more shards than there are cases of all targets', () => {
    expect(() => dealTargets(['a', 'b'], 3, { index: 1, of: 7 })).toThrow(
      '--shard: the matrix has 2 targets with 3 cases each, too few for 7 shards; use at most 6',
    );
    expect(dealTargets([], 3, { index: 1, of: 7 })).toEqual([]);
  });

  test('gives every target completely, in any number of shards', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        (size, cases, pick) => {
          const targets = indexes(size);
          const of = 1 + (pick % (size * cases));
          const dealt = indexes(of).map((index) => dealTargets(targets, cases, { index, of }));
          expect(dealt.every((shard) => shard.length > 0)).toBe(true);
          for (const target of targets) {
            const parts = dealt.flat().filter((each) => each.target === target);
            const { part } = parts[0] ?? {};
            expect(parts.map((each) => each.part)).toEqual(
              part === undefined ? [undefined] : indexes(part.of).map((index) => ({ index, of: part.of })),
            );
            expect(part?.of ?? 1).toBeLessThanOrEqual(cases);
          }
        },
      ),
    );
  });
});
