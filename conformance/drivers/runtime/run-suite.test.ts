import { describe, expect, it } from 'vitest';
import type { DataCase } from '../../case/case.ts';
import type { WrittenStep } from '../../case/step-annotations.ts';
import { TargetError } from '../../engine/options.ts';
import type { CaseOutcome, RunResult } from '../../engine/result.ts';
import { dataCase } from '../../testing/data-case.ts';
import { runOn } from '../../testing/run-on.ts';
import { type Script, ScriptedTarget } from '../../testing/scripted-target.ts';
import type { RunOptions } from './run-suite.ts';

async function run(
  script: Script | ScriptedTarget,
  cases: readonly DataCase[],
  more: Partial<RunOptions> = {},
): Promise<RunResult> {
  return runOn(script instanceof ScriptedTarget ? script : new ScriptedTarget(script), cases, more);
}

async function outcomeOf(script: Script, ...steps: WrittenStep[]): Promise<CaseOutcome | undefined> {
  const { results } = await run(script, [dataCase('one', steps)]);
  return results[0]?.outcome;
}

function summaryOf(outcome: CaseOutcome | undefined): string {
  return outcome?.kind === 'failed'
    ? outcome.failure.summary
    : `${outcome?.kind}: ${JSON.stringify(outcome)}`;
}

const json = (body: unknown, status = 200) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body)),
});

const ping = { invoke: { request: { message: { id: 1, method: 'ping' } } } };
const pong = { jsonrpc: '2.0', id: 1, result: {} };

const unlisted = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'];
const notFound = { code: -32_601, message: 'Method not found' };

function opened(id: unknown) {
  const { headers, ...response } = json({
    jsonrpc: '2.0',
    id,
    result: { protocolVersion: '2025-11-25', capabilities: {} },
  });
  return { ...response, headers: { ...headers, 'mcp-session-id': 's-1' } };
}

/** Answers the survey like a runtime with an empty catalog, and all other calls by the script. */
function pastSurvey(invoke: NonNullable<Script['invoke']>): Script {
  return {
    invoke: (request) => {
      const { id, method } = JSON.parse(Buffer.from(request.body).toString() || '{}');
      if (method === 'initialize') return opened(id);
      if (method === 'notifications/initialized') return { status: 202 };
      return unlisted.includes(method) ? json({ jsonrpc: '2.0', id, error: notFound }) : invoke(request);
    },
    closeSession: () => ({ status: 204 }),
  };
}

describe('a run', () => {
  it('passes and fails cases, and locates the difference', async () => {
    const script = pastSurvey(() => json(pong));
    const step = (message: unknown) => ({ invoke: { ...ping.invoke, expect: { status: 200, message } } });
    expect(await outcomeOf(script, step(pong))).toEqual({ kind: 'passed' });
    const failed = await outcomeOf(script, step({ ...pong, id: 2 }));
    expect(summaryOf(failed)).toBe('/message/id: expected 2, got 1');
    expect(failed).toMatchObject({ failure: { step: { number: 1, verb: 'invoke', line: 1 } } });
  });

  it('names the forEach item of a failed step', async () => {
    const script = pastSurvey(() => json(pong));
    const step = (status: number) => ({ invoke: { ...ping.invoke, expect: { status } } });
    const whole = dataCase('one', [
      step(200),
      { eventually: [step(200)] },
      { parallel: [[step(200)], [step(201)]] },
    ]);
    const steps = whole.steps.map((each, index) => ({
      ...each,
      source: { ...each.source },
      item: `"${index}"`,
    }));
    const { results } = await run(script, [{ ...whole, steps }]);
    expect(summaryOf(results[0]?.outcome)).toBe('for "2": /status: expected 201, got 200');
    expect(results[0]?.outcome).toMatchObject({ failure: { step: { number: 3, verb: 'invoke' } } });
  });

  it('attributes a failure to the clauses of the failing step, and blocks a case whose setup step fails', async () => {
    const script = pastSurvey(() => json(pong));
    const ok = { invoke: { ...ping.invoke, expect: { status: 200 } } };
    const wrong = { invoke: { ...ping.invoke, expect: { status: 201 } } };
    const steps: readonly (readonly [string, readonly WrittenStep[]])[] = [
      ['main', [ok, wrong]],
      ['own', [ok, { ...wrong, clauses: ['RPC-2'] }]],
      ['inherited', [{ parallel: [[ok], [wrong]], clauses: ['RPC-3'] }]],
      ['nested', [{ parallel: [[ok], [{ ...wrong, clauses: ['RPC-4'] }]], clauses: ['RPC-3'] }]],
      ['setup', [{ ...wrong, setup: { case: 'calls/ping', clause: 'RPC-5' } }, wrong]],
    ];
    const { results } = await run(
      script,
      steps.map(([name, own]) => dataCase(name, own)),
    );
    const violated = results.map(({ outcome }) => 'failure' in outcome && outcome.failure.clauses);
    expect(violated).toEqual([['RPC-1'], ['RPC-2'], ['RPC-3'], ['RPC-4'], []]);
    expect(results[4]?.outcome).toMatchObject({
      kind: 'blocked',
      by: { case: 'calls/ping', clause: 'RPC-5' },
      failure: { summary: '/status: expected 201, got 200', step: { number: 1 } },
    });
  });

  it('reports immediately that a stream opened instead of being refused', async () => {
    async function* live() {
      yield { data: Buffer.from(': hello\n\n') };
      await new Promise(() => undefined);
    }
    const script = { ...pastSurvey(() => json(pong)), invokeStream: live };
    const opened = [
      { openStream: { as: 's', request: {} } },
      { end: { stream: 's', expect: { done: true, errorStatus: 403 } } },
    ];
    expect(summaryOf(await outcomeOf(script, ...opened))).toBe(
      'the stream opened, but a refusal was expected with 403',
    );
  });

  it('limits the bytes of a stream to mostBytes', async () => {
    const script = {
      ...pastSurvey(() => json(pong)),
      invokeStream: () => [{ data: Buffer.from(': 123\n\n') }, { done: true }],
    };
    const steps = (mostBytes: number) => [
      { openStream: { as: 'stream', mostBytes, request: {} } },
      { end: { stream: 'stream', expect: { done: true, bytes: 7 } } },
    ];
    expect(await outcomeOf(script, ...steps(7))).toEqual({ kind: 'passed' });
    const flooded = await outcomeOf(script, ...steps(6));
    expect(summaryOf(flooded)).toBe('the stream floods: 1 chunks with 7 bytes');
  });

  it('opens a single connection for concurrent calls', async () => {
    const steps = [{ invoke: { ...ping.invoke, expect: { status: 200 } } }];
    const together = { repeat: { times: 5, as: 'n', together: true, steps } };
    const script = pastSurvey(() => json(pong));
    const { results } = await run(script, [dataCase('one', [together])], { keepWire: true });
    const wire = results[0]?.wire ?? [];
    expect(wire.filter(({ text }) => text.startsWith('HEADERS /'))).toHaveLength(5);
    expect(wire.filter(({ text }) => text.startsWith('connected to'))).toHaveLength(1);
  });

  it('runs steps for each altered copy of a text', async () => {
    const bodies: string[] = [];
    const script = pastSurvey(({ body }) => {
      bodies.push(JSON.parse(Buffer.from(body).toString()).altered);
      return json(pong);
    });
    const steps = [{ invoke: { request: { json: { altered: '${altered}' } }, expect: { status: 200 } } }];
    const outcome = await outcomeOf(script, { alterations: { of: 'ab', as: 'altered', steps } });
    expect(outcome).toEqual({ kind: 'passed' });
    expect(bodies.sort()).toEqual(['6b', 'a', 'a7', 'b']);
  });

  it('does not wait for steps that depend on a failed parallel step', async () => {
    const status = (expected: number) => ({ invoke: { ...ping.invoke, expect: { status: expected } } });
    const script = pastSurvey(() => json(pong));
    const sides = [[{ eventually: [status(201)] }], [status(202)]];
    const outcome = await outcomeOf(script, { parallel: sides });
    expect(summaryOf(outcome)).toBe('/status: expected 202, got 200');
  });

  it('substitutes variables that an earlier step saved', async () => {
    const script = pastSurvey((request) => json({ ...pong, result: { session: request.sessionId } }));
    const outcome = await outcomeOf(
      script,
      { invoke: { ...ping.invoke, expect: { message: { $include: { id: { $save: 'number' } } } } } },
      {
        invoke: {
          request: { sessionId: 's-${number}', message: { id: 1, method: 'ping' } },
          expect: { message: { ...pong, result: { session: 's-1' } } },
        },
      },
    );
    expect(outcome).toEqual({ kind: 'passed' });
  });

  it('fails cases on a target that accepts calls and never responds', async () => {
    const script: Script = pastSurvey(() => new Promise(() => undefined));
    const { results } = await run(script, [
      dataCase('hangs', [{ invoke: { ...ping.invoke, expect: {} } }], { deadlineMs: 200 }),
    ]);
    expect(summaryOf(results[0]?.outcome)).toBe('the case did not finish within 0.2 s');
  });

  it('scales the time limits of cases with the default', async () => {
    const script: Script = pastSurvey(() => new Promise(() => undefined));
    const steps = [{ invoke: { ...ping.invoke, expect: {} } }];
    const cases = [
      dataCase('usual', steps, { deadlineMs: 20_000 }),
      dataCase('long', steps, { deadlineMs: 60_000 }),
    ];
    const { results } = await run(script, cases, { caseTimeoutMs: 100 });
    expect(results.map(({ outcome }) => summaryOf(outcome))).toEqual([
      'the case did not finish within 0.1 s',
      'the case did not finish within 0.3 s',
    ]);
  });

  it('fails the case in which the target exits, restarts the target and continues', async () => {
    let died = false;
    const target: ScriptedTarget = new ScriptedTarget(
      pastSurvey(() => {
        if (died) return json(pong);
        died = true;
        target.die();
        return json(pong);
      }),
    );
    const step = { invoke: { ...ping.invoke, expect: { status: 200 } } };
    const { results } = await run(target, [dataCase('first', [step]), dataCase('second', [step])], {
      concurrency: 1,
    });
    expect(summaryOf(results[0]?.outcome)).toBe('the target exited (signal SIGKILL) while this case ran');
    expect(results[1]?.outcome).toEqual({ kind: 'passed' });
    expect(target.launches).toBe(2);
  });

  it('stops if the target keeps exiting, and marks the remaining cases as not run', async () => {
    const target: ScriptedTarget = new ScriptedTarget(
      pastSurvey(() => {
        target.die();
        return json(pong);
      }),
    );
    const step = { invoke: { ...ping.invoke, expect: {} } };
    const cases = Array.from({ length: 8 }, (_, index) => dataCase(`number-${index}`, [step]));
    const { results, interrupted } = await run(target, cases, { concurrency: 1 });
    expect(results.map(({ outcome }) => outcome.kind)).toEqual([
      ...Array.from({ length: 4 }, () => 'failed'),
      ...Array.from({ length: 4 }, () => 'not-run'),
    ]);
    expect(interrupted).toBe('the target exited 4 times during the run');
  });

  it('names the clause that a malformed stream violates, even in a setup step', async () => {
    const data = Buffer.from('data: {}\n\n');
    const outcome = await outcomeOf(
      { ...pastSurvey(() => json(pong)), invokeStream: () => [{ data }] },
      { openStream: { as: 'live', request: {} } },
      { end: { stream: 'live', expect: {} }, setup: { case: 'streams/stays-open', clause: 'STREAM-1' } },
    );
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { clauses: ['STREAM-3'], step: { number: 2 } },
    });
  });

  it('makes nested steps inherit the annotations of the outer step, even after a timeout', async () => {
    const setup = { case: 'json-rpc/one-response', clause: 'JSONRPC-1' };
    const never = { invoke: { ...ping.invoke, expect: { status: 418 } } };
    const script = pastSurvey(() => json(pong));
    const steps = [
      { eventually: [never], setup },
      { eventually: [{ ...never, clauses: ['RPC-2'] }], setup },
    ];
    const run = async (step: WrittenStep) => {
      const { results } = await runOn(new ScriptedTarget(script), [
        dataCase('one', [step], { deadlineMs: 300 }),
      ]);
      return results[0]?.outcome;
    };
    const [inherited, own] = await Promise.all(steps.map(run));
    expect(inherited).toMatchObject({ kind: 'blocked', by: setup });
    expect(own).toMatchObject({ kind: 'failed', failure: { clauses: ['RPC-2'] } });
  });

  it('rejects streams that violate the contract, naming the clause', async () => {
    const end = (
      chunks: Parameters<NonNullable<Script['invokeStream']>>[0] extends never ? never : object[],
    ) =>
      outcomeOf(
        { ...pastSurvey(() => json(pong)), invokeStream: () => chunks },
        { openStream: { as: 'live', request: {} } },
        { end: { stream: 'live', expect: { done: true } } },
      ).then(summaryOf);
    const data = Buffer.from('data: {}\n\n');
    expect(await end([{ data }, { done: true }])).toMatch(/^passed/);
    expect(await end([{ data }, { data, done: true }])).toMatch(/^STREAM-4/);
    expect(await end([{ done: true }, { data }])).toMatch(/^STREAM-3: the chunk with done is not the last/);
    expect(await end([{ data }])).toMatch(/^STREAM-3: the stream ended with OK but never sent done/);
    expect(await end([{ data }, { errorStatus: 404, done: true }])).toMatch(/^STREAM-2/);
    expect(await end([{ errorStatus: 204, done: true }])).toMatch(/^STREAM-2/);
    expect(await end([{ data: Buffer.from('data: {"cut\n\n') }])).toMatch(/^STREAM-6/);
    expect(await end([{ data: Buffer.from([0x64, 0xff]) }])).toMatch(
      /^STREAM-6: the data of the stream is not UTF-8/,
    );
    expect(await end([{ data }, { status: 200, done: true }])).toMatch(/^HEAD-1/);
  });

  it('parses events independently of chunk boundaries and line endings', async () => {
    const bytes = Buffer.from('data: {"text":\r\ndata: "Grüße"}\r\n\r\n: idle\r\rdata: {"n":2}\n\n');
    const outcome = await outcomeOf(
      {
        ...pastSurvey(() => json(pong)),
        *invokeStream() {
          for (const byte of bytes) yield { data: Buffer.of(byte) };
          yield { done: true };
        },
      },
      { openStream: { as: 'live', request: {} } },
      { receive: { stream: 'live', expect: { text: 'Grüße' } } },
      {
        end: {
          stream: 'live',
          expect: { chunks: bytes.length + 1, messages: [{ text: 'Grüße' }, { n: 2 }] },
        },
      },
    );
    expect(outcome).toEqual({ kind: 'passed' });
  });

  it('repeats a prompt until the message arrives, and skips messages that do not match', async () => {
    let prompts = 0;
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const outcome = await outcomeOf(
      {
        ...pastSurvey(() => {
          prompts += 1;
          if (prompts === 2) arrive();
          return json(pong);
        }),
        async *invokeStream() {
          yield { data: Buffer.from('data: {"n":1}\n\n') };
          await arrived;
          yield { data: Buffer.from('data: {"n":2}\n\n') };
        },
      },
      { openStream: { as: 'live', request: {} } },
      {
        receive: {
          stream: 'live',
          skipOthers: true,
          prompting: [{ invoke: { ...ping.invoke, expect: { status: 200 } } }],
          expect: { n: 2 },
        },
      },
    );
    expect(outcome).toEqual({ kind: 'passed' });
  });

  it('fails if a forbidden message arrives before the expected one', async () => {
    const waiting = (never: unknown) => [
      { openStream: { as: 'live', request: {} } },
      { receive: { stream: 'live', skipOthers: true, never, expect: { n: 3 } } },
    ];
    const script: Script = {
      ...pastSurvey(() => json(pong)),
      *invokeStream() {
        for (const n of [1, 2, 3]) yield { data: Buffer.from(`data: {"n":${n}}\n\n`) };
      },
    };
    expect(await outcomeOf(script, ...waiting({ n: 4 }))).toEqual({ kind: 'passed' });
    const failed = await outcomeOf(script, ...waiting({ n: 2 }));
    expect(summaryOf(failed)).toBe('received a message that `never` forbids');
    expect(failed).toMatchObject({ failure: { actual: { n: 2 } } });
  });

  it('waits for the end of a stream up to the given time', async () => {
    const script: Script = {
      ...pastSurvey(() => json(pong)),
      async *invokeStream() {
        yield { data: Buffer.from('data: {"n":1}\n\n') };
        await new Promise(() => undefined);
      },
    };
    const givenUp = { grpc: 'CANCELLED', grpcMessage: 'cancelled by this side', messages: [{ n: 1 }] };
    const outcome = await outcomeOf(
      script,
      { openStream: { as: 'live', request: {} } },
      { receive: { stream: 'live', expect: { n: 1 } } },
      { end: { stream: 'live', within: '50ms', expect: givenUp } },
    );
    expect(outcome).toEqual({ kind: 'passed' });
  });

  it('sends session ids unchanged, and the revision that each handshake negotiated', async () => {
    const id = '$' + '{other}';
    const seen: string[] = [];
    const script: Script = {
      invoke: ({ sessionId, headers, body }) => {
        const { method } = JSON.parse(Buffer.from(body).toString());
        if (sessionId !== '') seen.push(`${sessionId} ${method} ${headers['mcp-protocol-version']}`);
        if (method === 'notifications/initialized') return { status: 202 };
        const answer = json({
          ...pong,
          result: method === 'initialize' ? { protocolVersion: '2025-06-18' } : {},
        });
        return { ...answer, headers: { ...answer.headers, 'mcp-session-id': id } };
      },
      closeSession: () => ({ status: 200 }),
    };
    const initialize = { message: { id: 1, method: 'initialize' } };
    const call = (name: string) => ({
      invoke: {
        request: { sessionId: `\${${name}}`, message: { id: 2, method: 'ping' } },
        expect: { status: 200 },
      },
    });
    const outcome = await outcomeOf(
      script,
      { session: {} },
      call('session'),
      {
        invoke: {
          request: initialize,
          expect: { status: 200, headers: { 'mcp-session-id': { $save: 'made' } } },
        },
      },
      call('made'),
    );
    expect(outcome).toEqual({ kind: 'passed' });
    expect(seen.filter((call) => call.includes('ping'))).toEqual([
      `${id} ping 2025-06-18`,
      `${id} ping 2025-06-18`,
    ]);
    expect(seen.every((call) => call.startsWith(id))).toBe(true);
  });

  it('retries `eventually` and reports the last attempt', async () => {
    let calls = 0;
    const script = pastSurvey(() => {
      calls += 1;
      return json({ ...pong, result: { calls } });
    });
    const until = (n: number) => ({
      eventually: [{ invoke: { ...ping.invoke, expect: { message: { ...pong, result: { calls: n } } } } }],
    });
    expect(await outcomeOf(script, until(4))).toEqual({ kind: 'passed' });
    const { results } = await run(script, [dataCase('never', [until(-1)], { deadlineMs: 300 })]);
    expect(summaryOf(results[0]?.outcome)).toMatch(
      /^the case did not finish within 0.3 s: \/message\/result\/calls: expected -1, got \d+$/,
    );
  });

  it('skips cases that need unserved items or unsupported process control, with the reason', async () => {
    const step = { invoke: { ...ping.invoke, expect: {} } };
    const { results } = await run(
      pastSurvey(() => json(pong)),
      [
        dataCase('tool', [step], { needs: { tools: ['echo'] } }),
        dataCase('signal', [step], { needs: { runner: ['signal'] } }),
        dataCase('capability', [step], { level: 'capability:resume' }),
      ],
    );
    expect(results.map(({ outcome }) => outcome)).toEqual([
      {
        kind: 'skipped',
        reason: 'the target does not serve tool echo',
        notServed: { kind: 'tool', name: 'echo' },
      },
      { kind: 'skipped', reason: 'the kit cannot send signals to the target (scripted target)' },
      { kind: 'not-declared', capability: 'resume' },
    ]);
  });

  it('continues after advice that is not followed, even with bail', async () => {
    const step = { invoke: { ...ping.invoke, expect: { status: 500 } } };
    const { results } = await run(
      pastSurvey(() => json(pong)),
      [
        dataCase('advice', [step], { clauses: ['HEALTH-3'], advisory: true }),
        dataCase('next', [{ invoke: { ...ping.invoke, expect: { status: 200 } } }]),
      ],
      { bail: 1, concurrency: 1 },
    );
    expect(results[0]?.outcome.kind).toBe('failed');
    expect(results[1]?.outcome.kind).toBe('passed');
  });

  it('stops after the first failure with bail, and on interruption', async () => {
    const cases = ['a', 'b', 'c'].map((name) =>
      dataCase(name, [{ invoke: { ...ping.invoke, expect: { status: 500 } } }]),
    );
    const bailed = await run(
      pastSurvey(() => json(pong)),
      cases,
      { bail: 1, concurrency: 1 },
    );
    expect(bailed.results.map(({ outcome }) => outcome.kind)).toEqual(['failed', 'not-run', 'not-run']);
    const controller = new AbortController();
    const interrupted = await run(
      pastSurvey(() => {
        controller.abort();
        return new Promise(() => undefined);
      }),
      cases,
      { signal: controller.signal, concurrency: 1 },
    );
    expect(interrupted.results.map(({ outcome }) => outcome.kind)).toEqual(['not-run', 'not-run', 'not-run']);
    expect(interrupted.interrupted).toBe('interrupted');
  });

  it('rejects if the target never becomes ready', async () => {
    const starting = run({ health: { status: 'degraded' } }, [], { readyTimeoutMs: 200 });
    await expect(starting).rejects.toSatisfy(
      (error) =>
        error instanceof TargetError &&
        error.message ===
          'the target was not ready within 0.2 s: HealthCheck returned status "degraded", not "ok"',
    );
  });
});
