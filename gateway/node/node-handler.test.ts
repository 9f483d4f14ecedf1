import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { recorder, ScriptedGateway } from '../testing/scripted-gateway.ts';

const { seen, script } = recorder();

test('a transfer coding that is not decoded is refused with 501', async () => {
  await using gateway = await ScriptedGateway.start(script);
  const answer = await gateway.raw(
    ['POST /mcp HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: gzip, chunked'],
    '2\r\n{}\r\n0\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1.1 501 /);
  expect(seen).toEqual([]);
});

test('CONNECT is refused with 405', async () => {
  await using gateway = await ScriptedGateway.start(script);
  const answer = await gateway.raw(['CONNECT example:443 HTTP/1.1', 'Host: example:443']);
  expect(answer).toMatch(/^HTTP\/1.1 405 [\s\S]*allow: GET, POST, DELETE\r\n/);
});

test('a refusal takes the place of 100 Continue', async () => {
  await using gateway = await ScriptedGateway.start(script, { limits: { maxBodyBytes: 10 } });
  const expecting = ['Content-Length: 11', 'Expect: 100-continue'];
  for (const [host, status] of [
    ['evil.example', 403],
    ['localhost', 413],
  ]) {
    const answer = await gateway.raw(['POST /mcp HTTP/1.1', `Host: ${host}`, ...expecting]);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*connection: close`, 'i'));
  }
});

test('100 Continue precedes the body of an accepted request', async () => {
  await using gateway = await ScriptedGateway.start(script);
  const socket = gateway.connect();
  socket.write(
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
  );
  const [first] = await once(socket, 'data');
  expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('{}');
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /);
});

test('a body that goes on after the refusal ends with its connection', async () => {
  await using gateway = await ScriptedGateway.start(script, { limits: { maxBodyBytes: 10 } });
  const socket = gateway.connect();
  socket.on('error', () => {});
  socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
  socket.write(`b\r\n${'x'.repeat(11)}\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
  const more = setInterval(() => socket.write('1\r\nx\r\n'), 100);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(more);
});

test('a malformed request does not take the place of the answer to an earlier one', async () => {
  await using gateway = await ScriptedGateway.start(script);
  const first = ['POST /mcp HTTP/1.1', 'Host: localhost', 'Content-Length: 2'];
  const answer = await gateway.raw(first, '{}malformed\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*\{\}$/);
});

test.each([
  ['malformed', '', 400],
  [`X: ${'a'.repeat(100_000)}`, '', 431],
  ['Transfer-Encoding: chunked', 'g\r\n', 400],
])('the malformed request %.30s is refused', async (line, body, status) => {
  await using gateway = await ScriptedGateway.start(script);
  const answer = await gateway.raw(['POST /mcp HTTP/1.1', 'Host: localhost', line], body);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});
