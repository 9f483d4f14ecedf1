import { expect, test } from 'vitest';
import { dataCase } from '../../testing/data-case.ts';
import { runOn } from '../../testing/run-on.ts';
import { type Script, ScriptedTarget } from '../../testing/scripted-target.ts';

type Answer = ReturnType<NonNullable<Script['invoke']>>;

const json = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
});

/** A runtime that declares tools and resources. `answers` replaces its answer to a method. */
function runtime(answers: Readonly<Record<string, () => Answer>>): Script {
  const results: Readonly<Record<string, unknown>> = {
    'tools/list': { tools: [] },
    'resources/list': { resources: [] },
  };
  return {
    invoke: (request) => {
      const { id, method } = JSON.parse(Buffer.from(request.body).toString());
      const own = answers[method];
      if (own !== undefined) return own();
      if (method === 'initialize') {
        const capabilities = { tools: {}, resources: {} };
        const result = { protocolVersion: '2025-11-25', capabilities };
        return json({ jsonrpc: '2.0', id, result }, { 'mcp-session-id': 's-1' });
      }
      if (method.startsWith('notifications/')) return { status: 202 };
      const error = { code: -32_601, message: 'Method not found' };
      const result = results[method];
      return json(result === undefined ? { jsonrpc: '2.0', id, error } : { jsonrpc: '2.0', id, result });
    },
    closeSession: () => ({ status: 204 }),
  };
}

/** The outcome of a case that needs a tool which the target does not list. */
async function outcomeOn(answers: Readonly<Record<string, () => Answer>>) {
  const needy = { ...dataCase('needy', []), needs: { tools: ['echo'] } };
  const { results, target } = await runOn(new ScriptedTarget(runtime(answers)), [needy]);
  return { outcome: results[0]?.outcome, problem: target.surveyProblem };
}

const unavailable = (): Answer => Promise.reject(new Error('not now'));
const internal = () => json({ jsonrpc: '2.0', id: 'x', error: { code: -32_603, message: 'Internal error' } });

test('a case is skipped if the target does not list its tool', async () => {
  const { outcome, problem } = await outcomeOn({});
  expect(outcome).toMatchObject({ kind: 'skipped', notServed: { kind: 'tool', name: 'echo' } });
  expect(problem).toBeUndefined();
});

test.each([
  ['initialize fails', { initialize: unavailable }, 'handshake/initialize', /^initialize did not create a/],
  ['initialize is refused', { initialize: internal }, 'handshake/initialize', /-32603/],
  ['a list fails', { 'tools/list': unavailable }, 'lists/pages-of-tools', /^tools\/list failed: gRPC/],
  ['a list is refused', { 'resources/list': internal }, 'lists/pages-of-resources', /-32603/],
])('a case is blocked if %s', async (_, answers, by, reason) => {
  const { outcome, problem } = await outcomeOn(answers);
  expect(outcome).toMatchObject({ kind: 'blocked', by: { case: by } });
  expect(problem).toMatch(reason);
});

test.each([
  ['of a capability that the target does not declare', { 'prompts/list': internal }],
  ['that the server lacks', { 'resources/templates/list': () => json(methodNotFound) }],
])('the target may refuse a list %s', async (_, answers) => {
  const { outcome, problem } = await outcomeOn(answers);
  expect(outcome).toMatchObject({ kind: 'skipped' });
  expect(problem).toBeUndefined();
});

const methodNotFound = { jsonrpc: '2.0', id: 'x', error: { code: -32_601, message: 'Method not found' } };
