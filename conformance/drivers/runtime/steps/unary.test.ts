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

describe('a POST on InvokeStream', () => {
  const post = (request: object, expectation: object) =>
    dataCase('one', [{ invoke: { by: 'InvokeStream', request, expect: expectation } }]);
  const streams = (...chunks: object[]) => new ScriptedTarget({ invokeStream: () => chunks });
  const event = (message: object) => Buffer.from(`data: ${JSON.stringify(message)}\n\n`);
  const response = { jsonrpc: '2.0', id: 1, result: {} };
  const note = { jsonrpc: '2.0', method: 'notifications/message' };

  it.each([
    [
      'the response and the messages before it',
      [{ status: 200, data: Buffer.concat([event(note), event(response)]) }, { done: true }],
      { status: 200, form: 'sse', messages: [note], message: response, idToken: '1' },
    ],
    [
      'a response without a head',
      [{ data: event(response) }, { done: true }],
      { status: 200, message: response },
    ],
    ['an accepted message', [{ status: 202, done: true }], { status: 202, bytes: 0, form: 'empty' }],
    ['an accepted message without a head', [{ done: true }], { status: 202, bytes: 0 }],
    ['a refusal without a body', [{ errorStatus: 404, done: true }], { status: 404 }],
    [
      'a refusal with a body',
      [
        { status: 400, headers: { 'content-type': 'application/json' }, data: Buffer.from('{"id":null}') },
        { done: true },
      ],
      { status: 400, form: 'json', text: '{"id":null}', headerNames: ['content-type'] },
    ],
  ])('is observed like an answer of Invoke: %s', async (_, chunks, expectation) => {
    await using target = streams(...chunks);
    const { results } = await runOn(target, [post({}, expectation)]);
    expect(results[0]?.outcome).toMatchObject({ kind: 'passed' });
  });

  it('sends the method POST, unless the request names another', async () => {
    const methods: string[] = [];
    await using target = new ScriptedTarget({
      invokeStream: ({ method }: McpRequest) => {
        methods.push(method);
        return [{ done: true }];
      },
    });
    await runOn(target, [post({}, { status: 202 }), post({ method: 'PUT' }, { status: 202 })], {
      concurrency: 1,
    });
    expect(methods).toEqual(['POST', 'PUT']);
  });
});
