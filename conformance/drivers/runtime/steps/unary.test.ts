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
    const { results } = await runOn(target, [dataCase('one', [{ invoke, clauses: ['RPC-1'] }])], {
      concurrency: 1,
    });
    expect(results[0]?.outcome).toMatchObject({ kind: 'failed', failure: { clauses: ['RPC-3'] } });
    expect(target.count('/404')).toBe(1);
  });

  it('count as checks even after a setup call', async () => {
    await using target = new Statuses();
    const { results } = await runOn(target, [dataCase('one', [{ invoke, setup }])]);
    expect(results[0]?.outcome).toMatchObject({ kind: 'failed', failure: { clauses: ['RPC-3'] } });
  });
});
