import { describe, expect, it } from 'vitest';
import type { McpRequest } from '../../../../proto/index.ts';
import { dataCase } from '../../../testing/data-case.ts';
import { runOn } from '../../../testing/run-on.ts';
import { ScriptedTarget } from '../../../testing/scripted-target.ts';

/** A target that answers each request with the status in its path, and counts the requests. */
class Statuses extends ScriptedTarget {
  readonly paths: string[] = [];

  constructor() {
    super({
      invoke: ({ path }: McpRequest) => {
        this.paths.push(path);
        return { status: Number(path.slice(1)) };
      },
      closeSession: () => ({ status: 404 }),
    });
  }

  /** The number of requests for a path. */
  count(path: string): number {
    return this.paths.filter((each) => each === path).length;
  }
}

const setup = { case: 'suite/one', clause: 'RPC-1' };

describe('further expectations of an answer', () => {
  const invoke = {
    request: { path: '/404' },
    expect: { status: 404 },
    also: [
      { expect: { bytes: 0 }, clauses: ['RPC-2'] },
      { expect: { status: 403 }, clauses: ['RPC-3'] },
    ],
  };

  it('violate only their own clauses, and need no further call', async () => {
    await using target = new Statuses();
    const { results } = await runOn(target, [dataCase('one', [{ invoke, clauses: ['RPC-1'] }])]);
    expect(results[0]?.outcome).toMatchObject({ kind: 'failed', failure: { clauses: ['RPC-3'] } });
    expect(target.count('/404')).toBe(1);
  });

  it('count as checks even after a setup call', async () => {
    await using target = new Statuses();
    const { results } = await runOn(target, [dataCase('one', [{ invoke, setup }])]);
    expect(results[0]?.outcome).toMatchObject({ kind: 'failed', failure: { clauses: ['RPC-3'] } });
  });
});

describe('the setup call at the start of many cases', () => {
  const call = (status: number, expected = status) => ({
    invoke: { request: { path: `/${status}` }, expect: { status: expected } },
  });

  it('is made once per run while it passes', async () => {
    await using target = new Statuses();
    const cases = ['one', 'two', 'three'].map((name) => dataCase(name, [{ ...call(404), setup }, call(200)]));
    const { results } = await runOn(target, cases);
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['passed', 'passed', 'passed']);
    expect([target.count('/404'), target.count('/200')]).toEqual([1, 3]);
  });

  it('is made by each case that it blocks', async () => {
    await using target = new Statuses();
    const cases = ['one', 'two'].map((name) => dataCase(name, [{ ...call(404, 403), setup }]));
    const { results } = await runOn(target, cases);
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['blocked', 'blocked']);
    expect(target.count('/404')).toBe(2);
  });

  it('is made by every case if it is not the first step, or if it uses or saves a variable', async () => {
    await using target = new Statuses();
    const saving = { invoke: { request: { path: '/202' }, expect: { status: { $save: 'status' } } }, setup };
    const later = { ...call(404), setup };
    const cases = ['one', 'two'].map((name) => dataCase(name, [saving, later]));
    await runOn(target, cases);
    expect([target.count('/202'), target.count('/404')]).toEqual([2, 2]);
  });
});
