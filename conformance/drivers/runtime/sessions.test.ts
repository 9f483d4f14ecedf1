import { expect, test } from 'vitest';
import { createEmbeddedRunner } from '../../../runners/embedded/runner.ts';
import type { Runner } from '../../../runners/runner.ts';
import { createSocketRunner } from '../../../runners/socket/runner.ts';
import type { RunResult } from '../../engine/result.ts';
import { loadOwnFixtures } from '../../load/compiled.ts';
import { dataCase } from '../../testing/data-case.ts';
import { runOn } from '../../testing/run-on.ts';
import { ScriptedTarget } from '../../testing/scripted-target.ts';
import { awaitReady } from './ready.ts';
import { runSuite } from './run-suite.ts';
import { negotiatedRevision } from './sessions.ts';

const { cases, identities } = await loadOwnFixtures();

/** Runs cases sequentially. Together they open more sessions than the target accepts. */
async function runCases(runner: Runner): Promise<RunResult> {
  return runSuite({
    runner,
    cases: cases.filter(
      ({ suite, needs }) =>
        (suite === 'sessions' || suite === 'handshake') && needs.runner?.includes('launch') !== true,
    ),
    identities,
    settings: { level: 'strict', capabilities: [], narrowed: true, failOnSkip: true },
    concurrency: 1,
    readyTimeoutMs: 20_000,
    keepWire: false,
    knownFailures: new Map(),
    signal: new AbortController().signal,
    listener: {},
  });
}

const little = { environment: { MCP_RUNTIME_MAX_SESSIONS: '12' } };

function othersOf({ results }: RunResult): unknown {
  const others = results.filter(({ outcome }) => outcome.kind !== 'passed');
  return others.map(({ case: { id }, outcome }) => [id, outcome]);
}

test('closes all sessions of a run if the target outlives it', { timeout: 60_000 }, async () => {
  const { signal } = new AbortController();
  await using owner = createEmbeddedRunner(little);
  await using instance = await owner.launch({ signal });
  await awaitReady(instance, { timeoutMs: 20_000, signal });
  if (instance.address.kind !== 'unix') throw new Error('the embedded runtime listens on a socket');
  await using runner = createSocketRunner({ path: instance.address.path });
  const run = await runCases(runner);
  expect(run.results.length).toBeGreaterThan(24);
  expect(othersOf(run)).toEqual([]);
});

test('closes sessions of earlier cases to make room', { timeout: 60_000 }, async () => {
  await using runner = createEmbeddedRunner(little);
  const run = await runCases(runner);
  expect(run.results.length).toBeGreaterThan(24);
  expect(othersOf(run)).toEqual([]);
});

/**
 * A target with room for a number of sessions.
 * @param beforeOpening awaited before each `initialize` is answered
 */
function targetWithRoom(sessions: number, beforeOpening?: () => Promise<void>): ScriptedTarget {
  let open = 0;
  return new ScriptedTarget({
    invoke: async ({ sessionId, body }) => {
      if (sessionId !== '' || !Buffer.from(body).includes('"initialize"')) return { status: 202 };
      await beforeOpening?.();
      if (open === sessions) return { status: 429 };
      open += 1;
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        serverInfo: { name: 's', version: '1' },
      };
      const answer = { jsonrpc: '2.0', id: 'initialize', result };
      const headers = { 'content-type': 'application/json', 'mcp-session-id': `session-${Math.random()}` };
      return { status: 200, headers, body: Buffer.from(JSON.stringify(answer)) };
    },
    closeSession: () => {
      open -= 1;
      return { status: 204 };
    },
  });
}

test('waits for the end of another case if the sessions of running cases fill the target', async () => {
  const steps = [
    { session: {} },
    { invoke: { request: { sessionId: '${session}' }, expect: { status: 202 } } },
  ];
  const run = await runOn(
    targetWithRoom(1),
    ['one', 'two', 'three'].map((name) => dataCase(name, steps)),
  );
  expect(othersOf(run)).toEqual([]);
});

test('runs a case again alone if all running cases wait for room', async () => {
  let opening = 0;
  let both: () => void = () => undefined;
  const bothOpening = new Promise<void>((resolve) => {
    both = resolve;
  });
  const target = targetWithRoom(2, async () => {
    opening += 1;
    if (opening === 2) both();
    await bothOpening;
  });
  const steps = [{ session: {} }, { session: { as: 'second' } }];
  const run = await runOn(target, [dataCase('one', steps), dataCase('two', steps)]);
  expect(othersOf(run)).toEqual([]);
  expect(opening).toBeGreaterThan(5);
});

test('blocks a case if the target has no room for its session, with the response', async () => {
  const full = { status: 429, headers: {}, body: Buffer.from('full') };
  const steps = [{ session: {} }, { invoke: { request: { message: { id: 1, method: 'ping' } } } }];
  const run = await runOn(new ScriptedTarget({ invoke: () => full, closeSession: () => full }), [
    dataCase('one', steps),
    dataCase('other', steps),
  ]);
  const summaries = run.results.map(({ outcome }) =>
    outcome.kind === 'blocked' ? outcome.failure.summary : outcome.kind,
  );
  expect(summaries).toEqual([
    'initialize did not create a session: status 429',
    'initialize did not create a session: status 429',
  ]);
});

const headers = { 'mcp-session-id': 's' };
const message = { jsonrpc: '2.0', id: 1, result: { protocolVersion: '2025-06-18' } };
const negotiated = { sessionId: 's', revision: '2025-06-18' };

test.each([
  ['a response', { headers, message }, negotiated],
  ['a response among other messages', { headers, message, messages: [] }, negotiated],
  ['a stream', { headers, messages: [{ method: 'notifications/message' }, message] }, negotiated],
  ['no session', { headers: {}, message }, undefined],
  ['an empty session', { headers: { 'mcp-session-id': '' }, message }, undefined],
  ['no head', { messages: [message] }, undefined],
  ['an error', { headers, message: { id: 1, error: { code: -32603 } } }, undefined],
  ['another response', { headers, message: { id: 1, result: {} } }, undefined],
  ['a revision of another type', { headers, message: { result: { protocolVersion: 1 } } }, undefined],
  ['no message', { headers }, undefined],
])('reads the negotiated session: %s', (_, answer, expected) => {
  expect(negotiatedRevision(answer)).toEqual(expected);
});

test('a failed initialize does not show that a runtime of release 1.0 has no sessions', async () => {
  const since = { release: '1.1', orWithSessions: true } as const;
  const needsSessions = dataCase('one', [{ session: {} }], { since });
  const kindsAgainst = async (status: number): Promise<readonly string[]> => {
    await using target = new ScriptedTarget({
      health: { capabilities: [] },
      invoke: ({ body }) => ({
        status,
        headers: { 'content-type': 'application/json' },
        body:
          status === 200
            ? Buffer.from(JSON.stringify({ ...message, id: JSON.parse(`${Buffer.from(body)}`).id }))
            : Buffer.from('no'),
      }),
      closeSession: () => ({ status: 404 }),
    });
    return (await runOn(target, [needsSessions])).results.map(({ outcome }) => outcome.kind);
  };
  expect(await kindsAgainst(500)).toEqual(['failed']);
  expect(await kindsAgainst(200)).toEqual([]);
});
