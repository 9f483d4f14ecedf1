import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, Harness, initialize, jsonOf, rpc, textOf, toolCall } from '../testing/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const post = (sessionId: string, json: unknown) => harness.stream({ sessionId, method: 'POST', json });

async function openLive(sessionId: string, headers: Record<string, string> = {}) {
  const live = harness.stream({ sessionId, headers });
  await live.until(({ chunks }) => chunks.length > 0);
  return live;
}

describe('the live stream', () => {
  it('begins with its head and an event that only sets an id', async () => {
    const sessionId = await harness.session();
    const live = await openLive(sessionId);
    await live.until(({ text }) => text.includes('\n\n'));
    expect(live.chunks[0]).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    expect(eventsOf(live.text)).toMatchObject([{ id: expect.stringMatching(/./), data: '' }]);
    live.call.cancel();
  });

  it('begins without an id-only event before 2025-11-25', async () => {
    const sessionId = await harness.session({}, {}, '2025-06-18');
    const live = await openLive(sessionId);
    await harness.callTool(sessionId, 'conformance_events', { count: 1, on: 'live' });
    await live.received(1);
    expect(eventsOf(live.text)).toHaveLength(1);
    live.call.cancel();
  });

  it('carries messages without a request to its own session only', async () => {
    const [one, two] = [await harness.session(), await harness.session()];
    const [first, second] = [await openLive(one), await openLive(two)];
    expect(await harness.callTool(one, 'conformance_events', { count: 3, on: 'live' })).toBe('emitted 3');
    expect(await first.received(3)).toMatchObject(
      [0, 1, 2].map((n) => ({ method: 'notifications/message', params: { data: { n } } })),
    );
    await harness.callTool(two, 'conformance_events', { count: 1, on: 'live' });
    expect(await second.received(1)).toHaveLength(1);
    expect(first.messages).toHaveLength(3);
    first.call.cancel();
    second.call.cancel();
  });

  it('notifies only the subscribers of a changed resource', async () => {
    const [one, two] = [await harness.session(), await harness.session()];
    const [first, second] = [await openLive(one), await openLive(two)];
    const uri = 'test://watched-resource';
    await harness.invoke(rpc(1, 'resources/subscribe', { uri }), { sessionId: one });
    expect(await harness.callTool(two, 'conformance_touch', { uri })).toBe('touched');
    expect(await first.received(1)).toEqual([
      { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } },
    ]);
    await harness.invoke(rpc(1, 'resources/unsubscribe', { uri }), { sessionId: one });
    await harness.callTool(one, 'conformance_touch', { uri });
    await harness.callTool(one, 'conformance_events', { count: 1, on: 'live' });
    await harness.callTool(two, 'conformance_events', { count: 1, on: 'live' });
    expect(await first.received(2)).toMatchObject([{}, { method: 'notifications/message' }]);
    expect(await second.received(1)).toMatchObject([{ method: 'notifications/message' }]);
    first.call.cancel();
    second.call.cancel();
  });

  it('has one reader at a time, and can be reopened after a cancellation', async () => {
    const sessionId = await harness.session();
    const first = await openLive(sessionId);
    const second = harness.stream({ sessionId });
    await second.ended;
    expect(second.chunks).toMatchObject([{ done: true, errorStatus: 409, status: 409 }]);
    first.call.cancel();
    const third = await openLive(sessionId);
    expect(third.chunks[0]).toMatchObject({ status: 200, done: false });
    third.call.cancel();
  });

  it('ends with done when its session is closed', async () => {
    const sessionId = await harness.session();
    const live = await openLive(sessionId);
    await harness.unary('closeSession', { sessionId });
    expect(await live.ended).toBe(0);
    expect(live.chunks.filter(({ done }) => done)).toHaveLength(1);
    expect(live.chunks.at(-1)).toMatchObject({ done: true, errorStatus: 0 });
    expect(live.chunks.at(-1)?.data).toHaveLength(0);
  });

  it('sends keep-alive comments while it is idle', async () => {
    await using quick = await Harness.start({ limits: { keepAliveMs: 20 } });
    const live = quick.stream({ sessionId: await quick.session() });
    await live.until(({ text }) => text.includes(': keep-alive\n\n'));
    live.call.cancel();
  });

  it.each([
    [{}, 400],
    [{ sessionId: 'unknown' }, 404],
  ])('is refused like other calls: %j', async (fields, status) => {
    const stream = harness.stream(fields);
    expect(await stream.ended).toBe(0);
    expect(stream.chunks).toMatchObject([{ done: true, errorStatus: status, status }]);
  });
});

describe('the stream of a request', () => {
  it('carries progress with the exact progress token, then the response', async () => {
    const sessionId = await harness.session();
    const text =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test_tool_with_progress","_meta":{"progressToken":12345678901234}}}';
    const stream = harness.stream({ sessionId, method: 'POST', body: Buffer.from(text) });
    expect(await stream.ended).toBe(0);
    const messages = stream.messages.map(({ data }) => JSON.parse(data));
    expect(messages.map(({ params }) => params?.progress)).toEqual([0, 50, 100, undefined]);
    expect(messages[0].params).toEqual({
      progressToken: 12345678901234,
      progress: 0,
      total: 100,
      message: 'Completed step 0 of 100',
    });
    expect(messages[3].result.content[0].text).toBe('12345678901234');
    expect(new Set(stream.messages.map(({ id }) => id)).size).toBe(4);
    expect(stream.chunks.at(-1)).toMatchObject({ done: true });
  });

  it.each(['9007199254740993', '-18446744073709551615'])(
    'keeps every digit of the token %s',
    async (token) => {
      const sessionId = await harness.session();
      const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test_tool_with_progress","_meta":{"progressToken":${token}}}}`;
      const stream = harness.stream({ sessionId, method: 'POST', body: Buffer.from(text) });
      expect(await stream.ended).toBe(0);
      const data = stream.messages.map((event) => event.data);
      expect(data).toHaveLength(4);
      for (const each of data.slice(0, 3)) expect(each).toContain(`"progressToken":${token},`);
      expect(JSON.parse(data[3] ?? '').result.content[0].text).toBe(token);
    },
  );

  it('has no progress without a progress token, and is plain JSON without messages', async () => {
    const sessionId = await harness.session();
    const response = await harness.invoke(toolCall(1, 'test_tool_with_progress'), { sessionId });
    expect(response.headers['content-type']).toBe('application/json');
  });

  it('is a complete body on Invoke if messages precede the response', async () => {
    const sessionId = await harness.session();
    const response = await harness.invoke(toolCall('a', 'test_tool_with_logging'), { sessionId });
    expect(response.headers['content-type']).toBe('text/event-stream');
    const messages = eventsOf(textOf(response)).map(({ data }) => JSON.parse(data));
    expect(messages.map(({ params }) => params?.data)).toEqual([
      'Tool execution started',
      'Tool processing data',
      'Tool execution completed',
      undefined,
    ]);
    expect(messages[3].id).toBe('a');
  });

  it('respects the log level of the caller', async () => {
    const sessionId = await harness.session();
    await harness.invoke(rpc(1, 'logging/setLevel', { level: 'warning' }), { sessionId });
    const response = await harness.invoke(toolCall('a', 'test_tool_with_logging'), { sessionId });
    expect(response.headers['content-type']).toBe('application/json');
    const live = await openLive(sessionId);
    await harness.callTool(sessionId, 'conformance_events', { count: 2, on: 'live' });
    await harness.invoke(rpc(1, 'logging/setLevel', { level: 'debug' }), { sessionId });
    await harness.callTool(sessionId, 'conformance_events', { count: 1, on: 'live' });
    expect(await live.received(1)).toHaveLength(1);
    live.call.cancel();
  });

  it('accepts notifications and responses without events', async () => {
    const sessionId = await harness.session();
    const stream = post(sessionId, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await stream.ended).toBe(0);
    expect(stream.chunks).toMatchObject([{ status: 202, done: true, errorStatus: 0 }]);
  });

  it('is refused like Invoke', async () => {
    const sessionId = await harness.session();
    const bodies: [unknown, number][] = [
      [[rpc(1, 'ping')], 400],
      [{ id: 1 }, 400],
      [initialize(), 400],
    ];
    for (const [json, status] of bodies) {
      const stream = post(sessionId, json);
      expect(await stream.ended).toBe(0);
      const [head, body, ...end] = stream.chunks;
      expect(head).toMatchObject({ status, errorStatus: 0, headers: { 'content-type': 'application/json' } });
      expect(JSON.parse(Buffer.from(body?.data ?? []).toString())).toMatchObject({ error: { code: -32600 } });
      expect(end).toMatchObject([{ done: true, errorStatus: 0 }]);
    }
    const big = harness.stream({ sessionId, method: 'POST', body: new Uint8Array(4 * 1024 * 1024 + 1) });
    await big.ended;
    expect(big.chunks).toMatchObject([{ status: 413, errorStatus: 0 }, { done: false }, { done: true }]);
  });

  it('can open a session', async () => {
    const stream = harness.stream({ method: 'POST', json: initialize() });
    expect(await stream.ended).toBe(0);
    const sessionId = stream.chunks[0]?.headers['mcp-session-id'] ?? '';
    expect(stream.messages).toHaveLength(1);
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
  });

  it('carries requests to the caller, who answers through Invoke', async () => {
    const sessionId = await harness.session({ sampling: {}, elicitation: {} });
    const sampling = post(sessionId, toolCall(1, 'test_sampling', { prompt: 'hello' }));
    const [question] = await sampling.received(1);
    expect(question).toMatchObject({
      method: 'sampling/createMessage',
      params: { messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }], maxTokens: 100 },
    });
    const result = { role: 'assistant', content: { type: 'text', text: 'hi' }, model: 'm' };
    expect((await harness.invoke({ jsonrpc: '2.0', id: question.id, result }, { sessionId })).status).toBe(
      202,
    );
    await sampling.ended;
    expect(JSON.parse(sampling.messages[1]?.data ?? '').result.content[0].text).toBe('LLM response: hi');

    const form = post(sessionId, toolCall(2, 'test_elicitation', { message: 'name?' }));
    const [elicitation] = await form.received(1);
    expect(elicitation.params).toMatchObject({ mode: 'form', message: 'name?' });
    const answer = { action: 'accept', content: { response: 'x' } };
    await harness.invoke({ jsonrpc: '2.0', id: elicitation.id, result: answer }, { sessionId });
    await form.ended;
    expect(JSON.parse(form.messages[1]?.data ?? '').result.content[0].text).toBe(
      'User response: action=accept, content={"response":"x"}',
    );
  });

  it('fails a tool call if its server request cannot be sent', async () => {
    const cannot = await harness.session();
    const refused = await harness.invoke(toolCall(1, 'test_sampling', { prompt: 'x' }), {
      sessionId: cannot,
    });
    expect(jsonOf(refused).result).toEqual({
      content: [{ type: 'text', text: 'The caller does not support sampling' }],
      isError: true,
    });
    const sessionId = await harness.session({ sampling: {} });
    const call = toolCall(1, 'test_sampling', { prompt: 'x' });
    expect(jsonOf(await harness.invoke(call, { sessionId })).result).toMatchObject({ isError: true });
    const live = await openLive(sessionId);
    const asked = harness.invoke(call, { sessionId });
    const [question] = await live.received(1);
    await harness.invoke(
      { jsonrpc: '2.0', id: question.id, error: { code: -1, message: 'no' } },
      { sessionId },
    );
    expect(jsonOf(await asked).result.content[0].text).toBe(
      'The caller did not give a valid answer to the sampling request',
    );
    live.call.cancel();
  });

  it('stops the work of a request when it is cancelled', async () => {
    const sessionId = await harness.session();
    const stream = post(sessionId, toolCall(1, 'conformance_wait', { key: 'p' }));
    const state = () => harness.callTool(sessionId, 'conformance_state', { key: 'p' });
    await expect.poll(state).toBe('running');
    stream.call.cancel();
    await expect.poll(state).toBe('cancelled');
  });
});

describe('resuming', () => {
  it('returns the response of a stream that the server closed', async () => {
    const sessionId = await harness.session();
    const stream = post(sessionId, toolCall(1, 'test_reconnection'));
    expect(await stream.ended).toBe(0);
    const events = eventsOf(stream.text);
    expect(events).toMatchObject([{ data: '' }, { data: '', retry: '500' }]);
    const resumed = await openLive(sessionId, { 'Last-Event-ID': events[1]?.id ?? '' });
    expect(await resumed.ended).toBe(0);
    expect(resumed.messages.map(({ data }) => JSON.parse(data))).toMatchObject([
      { id: 1, result: { content: [{ text: expect.stringMatching(/^Reconnection test completed/) }] } },
    ]);
    const again = await openLive(sessionId, { 'last-event-id': events[0]?.id ?? '' });
    await again.ended;
    expect(again.messages).toEqual(resumed.messages);
  });

  it('replays each missed event of the live stream once and in order, and then continues', async () => {
    const sessionId = await harness.session();
    const live = await openLive(sessionId);
    await harness.callTool(sessionId, 'conformance_events', { count: 2, on: 'live' });
    await live.received(2);
    const [first, second] = live.messages;
    live.call.cancel();
    await live.ended;
    await harness.callTool(sessionId, 'conformance_events', { count: 2, on: 'live' });
    const resumed = await openLive(sessionId, { 'last-event-id': first?.id ?? '' });
    await harness.callTool(sessionId, 'conformance_events', { count: 1, on: 'live' });
    const messages = await resumed.received(4);
    expect(messages.map(({ params }) => params.data.n)).toEqual([1, 0, 1, 0]);
    expect(resumed.messages[0]).toEqual(second);
    resumed.call.cancel();
  });

  it('refuses an event id of another session', async () => {
    const [one, two] = [await harness.session(), await harness.session()];
    const live = await openLive(one);
    await harness.callTool(one, 'conformance_events', { count: 2, on: 'live' });
    await live.received(2);
    const id = live.messages[0]?.id ?? '';
    live.call.cancel();
    const later = id.replace(/\d+$/, '999');
    const cases: [string, string][] = [
      [two, id],
      [one, later],
      [one, 'x'],
      [one, ''],
      [one, `${id}x`],
    ];
    for (const [sessionId, lastEventId] of cases) {
      const stream = harness.stream({ sessionId, headers: { 'last-event-id': lastEventId } });
      await stream.ended;
      expect(stream.chunks).toMatchObject([{ done: true, errorStatus: 400 }]);
    }
  });

  it('replays only the events that are still kept', async () => {
    await using small = await Harness.start({ limits: { replayEvents: 3 } });
    const sessionId = await small.session();
    const live = small.stream({ sessionId });
    await live.until(({ chunks }) => chunks.length > 1);
    await small.callTool(sessionId, 'conformance_events', { count: 5, on: 'live' });
    await live.received(5);
    const ids = live.messages.map(({ id }) => id ?? '');
    live.call.cancel();
    await live.ended;
    const resume = (id: string) => small.stream({ sessionId, headers: { 'last-event-id': id } });
    const lost = resume(ids[0] ?? '');
    await lost.ended;
    expect(lost.chunks).toMatchObject([{ errorStatus: 400 }]);
    const kept = resume(ids[1] ?? '');
    expect(await kept.received(3)).toMatchObject([2, 3, 4].map((n) => ({ params: { data: { n } } })));
    kept.call.cancel();
  });
});

describe('a slow reader', () => {
  it('blocks the producer', async () => {
    const sessionId = await harness.session();
    const stream = harness.stream({
      sessionId,
      method: 'POST',
      json: toolCall(1, 'conformance_events', { count: 64, size: 1024 * 1024 }),
    });
    stream.call.pause();
    const live = await harness.callTool(sessionId, 'conformance_echo', { text: 'meanwhile' });
    expect(live).toBe('meanwhile');
    stream.call.resume();
    expect(await stream.ended).toBe(0);
    expect(stream.messages).toHaveLength(65);
  });

  it('loses its stream without affecting the runtime if the producer cannot wait', async () => {
    await using small = await Harness.start({
      limits: { streamBufferBytes: 64 * 1024, streamHighWaterBytes: 1024 * 1024 * 1024 },
    });
    const sessionId = await small.session();
    const live = small.stream({ sessionId });
    await live.until(({ chunks }) => chunks.length > 0);
    live.call.pause();
    await small.callTool(sessionId, 'conformance_events', { count: 200, size: 100_000, on: 'live' });
    live.call.resume();
    expect(await live.ended).toBe(8);
    expect(live.chunks.some(({ done }) => done)).toBe(false);
    expect((await small.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
  });
});

describe('a unary answer', () => {
  it('fails if its collected messages exceed the limit, and its work stops', async () => {
    await using small = await Harness.start({ limits: { collectedBytes: 10_000 } });
    const sessionId = await small.session();
    const call = toolCall(1, 'conformance_events', { count: 100_000, size: 1000 });
    await expect(small.invoke(call, { sessionId })).rejects.toMatchObject({ code: 8 });
    expect((await small.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
  });
});
