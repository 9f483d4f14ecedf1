import { afterEach, describe, expect, it } from 'vitest';
import type { RuntimeLimits } from '../options.ts';
import { Harness, initialize, jsonOf, rpc, textOf, toolCall } from '../testing/harness.ts';
import { stdioProgram } from '../testing/stdio-program.ts';
import { type StdioServerOptions, stdioServer } from './stdio-server.ts';

let harness: Harness | undefined;
const logged: (Record<string, unknown> & { readonly message: string })[] = [];
afterEach(async () => {
  await harness?.[Symbol.asyncDispose]();
  harness = undefined;
  logged.length = 0;
});

async function host(
  options: Partial<StdioServerOptions> = {},
  limits: Partial<RuntimeLimits> = {},
): Promise<Harness> {
  const log = (fields: object, message: string) => {
    logged.push({ ...fields, message });
  };
  harness = await Harness.start({
    server: stdioServer({ file: process.execPath, args: ['-e', stdioProgram], ...options }),
    logger: { debug: log, info: log, warn: log, error: log },
    limits,
  });
  return harness;
}

async function pidOf(on: Harness, sessionId: string): Promise<number> {
  return jsonOf(await on.invoke(rpc(1, 'pid'), { sessionId })).result.pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const ended = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 8000 }).toBe(false);

describe('messages', () => {
  it('keep their text, except for ids', async () => {
    const on = await host();
    const sessionId = await on.session();
    const params = '{"more": [1.50, 12345678901234567890], "\\u0061": "\\u2028"}';
    const body = `{\r\n "unknown": 1, "id": 1e1, "params": ${params},\n "method": "line", "jsonrpc": "2.0" }`;
    const answer = await on.unary('invoke', { sessionId, body: Buffer.from(body) });
    const received = JSON.stringify(`{"jsonrpc":"2.0","id":2,"method":"line","params":${params}}`);
    expect(textOf(answer)).toBe(
      `{"jsonrpc":"2.0","id":1e1,"result":{"line":${received},"big":12345678901234567890,"more":[1.50]}}`,
    );
  });

  it('may have line breaks that the transport and SSE do not allow', async () => {
    const on = await host();
    const sessionId = await on.session();
    const answer = await on.invoke(rpc('p', 'ping'), { sessionId });
    expect(textOf(answer)).toBe('{ "result": {}, "id": "p", "jsonrpc": "2.0" }');
  });

  it('belong to the request with their progress token, or to the only one in flight', async () => {
    const on = await host();
    const sessionId = await on.session();
    const call = toolCall('c', 'tool', {}, { progressToken: 'token' });
    const body = Buffer.from(JSON.stringify(call).replace('"token"', '"t\\u006fken"'));
    const silent = on.stream({
      sessionId,
      method: 'POST',
      body: Buffer.from(JSON.stringify(rpc(1, 'silent'))),
    });
    await silent.until(({ chunks }) => chunks.length > 0);
    const both = on.stream({ sessionId, method: 'POST', body });
    await both.received(2);
    expect(both.messages[0]?.data).toBe(
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t\\u006fken","progress":1.0}}',
    );
    silent.call.cancel();
    await silent.ended;
    const one = on.stream({ sessionId, method: 'POST', body });
    expect((await one.received(3)).map(({ method }) => method)).toEqual([
      'notifications/progress',
      'notifications/message',
      undefined,
    ]);
  });

  it('arrive on the live stream if they belong to no request', async () => {
    const on = await host();
    const sessionId = await on.session();
    const live = on.stream({ sessionId });
    await live.until(({ chunks }) => chunks.length > 0);
    await on.invoke({ jsonrpc: '2.0', method: 'notifications/change' }, { sessionId });
    expect(await live.received(1)).toEqual([{ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }]);
  });

  it('ask the caller on the stream of the request', async () => {
    const on = await host();
    const sessionId = await on.session({ sampling: {} });
    const question = rpc(5, 'ask', { method: 'sampling/createMessage' });
    const call = on.stream({ sessionId, method: 'POST', body: Buffer.from(JSON.stringify(question)) });
    await call.received(1);
    expect(call.messages[0]?.data).toContain(
      '"id":"q","method":"sampling/createMessage","params":{"big":12345678901234567890}',
    );
    await on.unary('invoke', {
      sessionId,
      body: Buffer.from('{"jsonrpc":"2.0","id":"q","result":{"big":12345678901234567890}}'),
    });
    await call.received(2);
    const line = '{"jsonrpc":"2.0","id":"q","result":{"big":12345678901234567890}}';
    expect(JSON.parse(call.messages[1]?.data ?? '')).toMatchObject({ id: 5, result: { line } });
  });

  it.each([
    ['sampling/createMessage', { code: -32601, message: 'The caller does not support sampling' }],
    ['custom/question', { code: -32000, message: 'The caller has no open stream' }],
  ])('that cannot reach the caller are answered: %s', async (method, error) => {
    const on = await host();
    const sessionId = await on.session();
    const { result } = jsonOf(await on.invoke(rpc(5, 'ask', { method }), { sessionId }));
    expect(JSON.parse(result.line)).toEqual({ jsonrpc: '2.0', id: 'q', error });
  });

  it('of a session with no stream include pings, which the runtime answers', async () => {
    const on = await host();
    const sessionId = await on.session();
    const { result } = jsonOf(await on.invoke(rpc(5, 'ask', { method: 'ping' }), { sessionId }));
    expect(JSON.parse(result.line)).toEqual({ jsonrpc: '2.0', id: 'q', result: {} });
  });

  it('keep the errors that the server chose, but not the text of internal errors', async () => {
    const on = await host();
    const sessionId = await on.session();
    const error = async (method: string) => jsonOf(await on.invoke(rpc(1, method), { sessionId })).error;
    expect(await error('own')).toEqual({ code: -32042, message: 'own', data: { a: 1 } });
    expect(await error('internal')).toMatchObject({ code: -32603, message: 'Internal error' });
    expect(logged).toContainEqual(expect.objectContaining({ error: '/secret' }));
  });

  it('are those of MCP: other lines go to the log', async () => {
    const on = await host();
    const sessionId = await on.session();
    expect((await on.invoke(rpc(1, 'noise'), { sessionId })).status).toBe(200);
    const label = expect.stringMatching(/^[0-9a-f]{8}$/);
    await expect.poll(() => logged.map(({ line }) => line)).toContain('two');
    expect(logged.filter(({ message }) => message.includes('not a message'))).toHaveLength(2);
    expect(logged).toContainEqual({ session: label, line: 'one', message: 'stderr of the MCP server' });
    expect(JSON.stringify(logged)).not.toContain(sessionId);
  });
});

describe('a session', () => {
  it('has its own process, without the variables of the runtime', async () => {
    process.env['MCP_RUNTIME_GRPC_UDS'] = '/some/socket';
    try {
      const on = await host();
      const [one, two] = [await on.session(), await on.session()];
      const { pid, env } = jsonOf(await on.invoke(rpc(1, 'pid'), { sessionId: one })).result;
      expect(pid).not.toBe(await pidOf(on, two));
      expect(env).not.toHaveProperty('MCP_RUNTIME_GRPC_UDS');
      expect(env).toHaveProperty('PATH');
    } finally {
      delete process.env['MCP_RUNTIME_GRPC_UDS'];
    }
  });

  it('ends its process, which gets the end of its stdin first', async () => {
    const on = await host();
    const sessionId = await on.session();
    const pid = await pidOf(on, sessionId);
    expect((await on.unary('closeSession', { sessionId })).status).toBe(204);
    await ended(pid);
    expect(logged.filter(({ message }) => message.includes('ended'))).toEqual([]);
  });

  it('ends its process when it is idle', async () => {
    const on = await host({}, { sessionIdleMs: 2000 });
    const pid = await pidOf(on, await on.session());
    await ended(pid);
    expect(on.runtime.sessionCount).toBe(0);
  });

  it('kills a process that ignores the end of its stdin and SIGTERM', async () => {
    const environment = { ...process.env, STUBBORN: '1' };
    const on = await host({ environment, graceMs: 50 });
    const sessionId = await on.session();
    const pid = await pidOf(on, sessionId);
    await on.unary('closeSession', { sessionId });
    await ended(pid);
  });

  it('makes no process outlive the runtime', async () => {
    const on = await host({ environment: { ...process.env, STUBBORN: '1' }, graceMs: 50 });
    const pids = [await pidOf(on, await on.session()), await pidOf(on, await on.session())];
    await on.runtime.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('is refused if there are too many processes, and waits for one that is ending', async () => {
    const on = await host({ maxProcesses: 1, environment: { ...process.env, STUBBORN: '1' }, graceMs: 50 });
    const sessionId = await on.session();
    const pid = await pidOf(on, sessionId);
    expect((await on.invoke(initialize())).status).toBe(429);
    await on.unary('closeSession', { sessionId });
    expect(isAlive(pid)).toBe(true);
    expect(await pidOf(on, await on.session())).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  });

  it('ends with its process: calls get 502, streams fail, and then it is unknown', async () => {
    const on = await host();
    const sessionId = await on.session();
    const live = on.stream({ sessionId });
    await live.until(({ chunks }) => chunks.length > 0);
    const waiting = on.stream({
      sessionId,
      method: 'POST',
      body: Buffer.from(JSON.stringify(rpc('w', 'silent'))),
    });
    await waiting.until(({ chunks }) => chunks.length > 0);
    const other = await on.session();
    const answer = await on.invoke(rpc('e', 'exit'), { sessionId });
    const failure = {
      message: 'The MCP server of the session ended unexpectedly',
      data: { category: 'UPSTREAM_ERROR' },
    };
    expect([answer.status, jsonOf(answer)]).toMatchObject([502, { id: 'e', error: failure }]);
    expect(await waiting.received(1)).toMatchObject([{ id: 'w', error: failure }]);
    expect([await waiting.ended, waiting.chunks.at(-1)?.done]).toEqual([0, true]);
    expect([await live.ended, live.chunks.some(({ done }) => done)]).toEqual([2, false]);
    expect((await on.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(404);
    expect((await on.invoke(rpc(1, 'ping'), { sessionId: other })).status).toBe(200);
    expect(logged).toContainEqual(
      expect.objectContaining({ message: 'the MCP server ended with exit code 7' }),
    );
  });

  it('ends with a message that is too large', async () => {
    const on = await host({ maxMessageBytes: 65_536 });
    const sessionId = await on.session();
    const pid = await pidOf(on, sessionId);
    const answer = await on.invoke(rpc(1, 'huge'), { sessionId });
    expect([answer.status, jsonOf(answer).error.data.code]).toEqual([502, 'server_failed']);
    await ended(pid);
  });

  it('keeps serving after a caller gave up a request', async () => {
    const on = await host();
    const sessionId = await on.session();
    await expect(on.invoke(rpc(1, 'silent'), { sessionId }, { deadlineMs: 50 })).rejects.toMatchObject({
      code: 4,
    });
    expect((await on.invoke(rpc(2, 'ping'), { sessionId })).status).toBe(200);
  });
});

describe('a handshake', () => {
  it.each<[string, Partial<StdioServerOptions>, string]>([
    ['does not exist', { file: '/no/such/program' }, 'server_not_started'],
    ['exits immediately', { args: ['-e', 'process.exit(1)'] }, 'server_ended'],
    ['does not answer', { args: ['-e', 'process.stdin.resume()'], startMs: 100 }, 'server_failed'],
    [
      'speaks another revision',
      { environment: { ...process.env, REVISION: '2024-10-07' } },
      'revision_not_served',
    ],
  ])('with a program that %s gets 502 and no session', async (_, options, code) => {
    const on = await host(options);
    const answer = await on.invoke(initialize());
    expect([answer.status, jsonOf(answer)]).toMatchObject([502, { id: 0, error: { data: { code } } }]);
    expect(answer.headers).not.toHaveProperty('mcp-session-id');
    expect(on.runtime.sessionCount).toBe(0);
    expect(textOf(answer)).not.toContain('/no/such');
  });

  it('with invalid params starts no process', async () => {
    const on = await host({ file: '/no/such/program' });
    const answer = await on.invoke(rpc(1, 'initialize', { protocolVersion: 5 }));
    expect([answer.status, jsonOf(answer)]).toMatchObject([200, { error: { code: -32602 } }]);
  });

  it('that the caller abandons leaves no process', async () => {
    const on = await host({ args: ['-e', 'console.error(process.pid); process.stdin.resume()'] });
    const abort = new AbortController();
    const answer = on.invoke(initialize(), {}, { signal: abort.signal });
    await expect.poll(() => logged.find(({ line }) => line)?.['line'], { timeout: 8000 }).toBeDefined();
    abort.abort();
    await expect(answer).rejects.toMatchObject({ code: 1 });
    await ended(Number(logged.find(({ line }) => line)?.['line']));
  });
});
