import { expect, test } from 'vitest';
import { DisturbanceLog } from '../invariants/disturbance-log.ts';
import { Random } from '../random.ts';
import type { Pair } from '../system/pair.ts';
import { Conductor } from './conductor.ts';
import type { Disturbance, Place } from './disturbance.ts';

function pair(index: number): Pair {
  return { index, process: (role: string) => ({ name: `${role} ${index + 1}` }) } as unknown as Pair;
}

function makeDisturbance(name: string, rest: Partial<Disturbance> = {}): Disturbance {
  return {
    name,
    roles: ['gateway', 'runtime'],
    effects: { failsCalls: true },
    run: () => Promise.resolve(),
    ...rest,
  };
}

function conduct(disturbances: readonly Disturbance[]) {
  const signal = new AbortController().signal;
  const log = new DisturbanceLog();
  const random = new Random(1);
  const options = { disturbances, pairs: [pair(0), pair(1)], random, log, token: '', signal };
  return {
    conductor: new Conductor({ ...options, calm: { least: 1, most: 5 } }),
    log,
  };
}

test('each disturbance happens, at a place where it is possible', async () => {
  const hit: string[] = [];
  const note =
    (name: string) =>
    async ({ role }: Place) =>
      void hit.push(`${name} ${role}`);
  const { conductor } = conduct([
    makeDisturbance('a', { roles: ['gateway'], run: note('a') }),
    makeDisturbance('b', { roles: ['runtime'], run: note('b') }),
  ]);
  await conductor.run(300);
  expect(new Set(hit)).toEqual(new Set(['a gateway', 'b runtime']));
  const times = conductor
    .counts()
    .map(({ places }) => Object.values(places).reduce((sum, each) => sum + each, 0));
  expect(times.reduce((sum, each) => sum + each)).toBe(hit.length);
});

test('an impossible disturbance is left out, and the counts have the reason', async () => {
  const { conductor } = conduct([
    makeDisturbance('never', {
      impossible: () => 'there is no disk',
      run: () => Promise.reject(new Error('ran')),
    }),
  ]);
  await conductor.run(100);
  expect(conductor.counts()).toEqual([{ name: 'never', places: {}, leftOut: ['there is no disk'] }]);
});

test('calls may fail while a disturbance lasts', async () => {
  let seen: readonly boolean[] = [];
  const { conductor, log } = conduct([
    makeDisturbance('a', {
      async run({ pair: { index } }) {
        const now = performance.now();
        seen = [log.mayFail(index, now, now), log.mayFail(2, now, now)];
      },
    }),
  ]);
  await conductor.run(100);
  expect(seen).toEqual([true, false]);
});
