import { expect, test } from 'vitest';
import { createEmbeddedRunner } from '../../runners/embedded/runner.ts';
import { loadOwnFixtures } from '../load/compiled.ts';
import { ScriptedTarget } from '../testing/scripted-target.ts';
import { type ExploreOptions, explore, NotExplorableError } from './explore.ts';

async function optionsFor(runner: ExploreOptions['runner']): Promise<ExploreOptions> {
  const { identities } = await loadOwnFixtures();
  const { signal } = new AbortController();
  return { runner, identities, operations: 60, seed: 1, sequenceMs: 60_000, readyTimeoutMs: 60_000, signal };
}

test('the reference runtime behaves like the model, and the same seed makes the same operations', async () => {
  await using runner = createEmbeddedRunner({});
  const options = await optionsFor(runner);
  const [first, second] = [await explore(options), await explore(options)];
  expect(first).toMatchObject({ seed: 1, counterexample: undefined });
  expect(first.operations).toBeGreaterThanOrEqual(60);
  expect([second.sequences, second.operations]).toEqual([first.sequences, first.operations]);
}, 120_000);

const refusing = { invoke: () => ({ status: 404 }), closeSession: () => ({ status: 404 }) };

test('a target without sessions differs before the first operation', async () => {
  const health = { capabilities: ['stream-head', 'stream-post'] };
  const { counterexample } = await explore(await optionsFor(new ScriptedTarget({ ...refusing, health })));
  expect(counterexample).toMatchObject({ operations: [], clause: 'INIT-1' });
  expect(counterexample?.failure.summary).toContain('initialize did not create a session: status 404');
});

test('a target that dies is a difference', async () => {
  const json = (id: unknown, result: unknown) => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'mcp-session-id': 's-1' },
    body: Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result })),
  });
  const tools = ['conformance_touch', 'conformance_events'].map((name) => ({ name }));
  const capabilities = { tools: {}, logging: {}, resources: { subscribe: true } };
  const target: ScriptedTarget = new ScriptedTarget({
    ...refusing,
    health: { capabilities: ['stream-head', 'stream-post'] },
    invoke: (request) => {
      const { id, method } = JSON.parse(Buffer.from(request.body).toString());
      if (id === undefined) return { status: 202 };
      if (method === 'logging/setLevel') target.die();
      if (method === 'initialize') return json(id, { protocolVersion: '2025-11-25', capabilities });
      return json(id, { tools, resources: [], resourceTemplates: [], prompts: [] });
    },
  });
  const { counterexample } = await explore(await optionsFor(target));
  expect(counterexample?.failure.summary).toContain('the target exited (signal SIGKILL)');
});

test.each([
  [[], 'it does not declare stream-head'],
  [['mcp-2026-07-28', 'modern-only'], 'it serves no revision of MCP with sessions'],
])('a target with the capabilities %j cannot be explored', async (capabilities, reason) => {
  const options = await optionsFor(new ScriptedTarget({ ...refusing, health: { capabilities } }));
  await expect(explore(options)).rejects.toThrow(new NotExplorableError(reason));
});
