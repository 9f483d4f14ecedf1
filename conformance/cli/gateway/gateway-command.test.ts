import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';

// The built program. `npm test` builds it first.
const program = join(packageRoot(), 'dist', 'cli', 'main.js');
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(words: readonly string[]) {
  const child = spawn(process.execPath, [program, 'gateway', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  started.push(child);
  return child;
}

async function fails(words: readonly string[]): Promise<{ code: number; stderr: string }> {
  const child = start(words);
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code, stderr };
}

/** Waits until a gateway listens, and returns the URLs in its output. */
async function urlsOf(output: NodeJS.ReadableStream): Promise<readonly string[]> {
  const urls: string[] = [];
  for await (const line of createInterface({ input: output })) {
    const url = /http:\S+$/.exec(line)?.[0];
    if (url !== undefined) urls.push(url);
    if (line.startsWith('listening')) return urls;
  }
  throw new Error('the gateway does not listen');
}

const initialize = {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  }),
};

test.each(['grpc', 'http'])(
  'serves over %s until SIGTERM and exits successfully',
  { timeout: 60_000 },
  async (kind) => {
    const child = start(['--listen', '127.0.0.1:0', '--metrics', '127.0.0.1:0', '--transport', kind]);
    const [metrics = '', endpoint = ''] = await urlsOf(child.stdout);
    const response = await fetch(endpoint, initialize);
    expect(await response.text()).toContain('"protocolVersion":"2025-11-25"');
    expect(await (await fetch(metrics)).text()).toContain('route="InvokeStream",status="200"} 1');
    child.kill('SIGTERM');
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(fetch(endpoint, initialize)).rejects.toThrow('fetch failed');
  },
);

test('records refusals, and tells callers where to get a token', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  try {
    const [keys, log] = [join(folder, 'keys.json'), join(folder, 'audit.log')];
    await writeFile(keys, '{"keys":[]}');
    const tokens = ['--jwks', keys, '--issuer', 'https://issuer.example', '--audience', 'mcp'];
    const more = ['--public-url', 'https://gateway.example', '--audit-log', log];
    const child = start(['--listen', '127.0.0.1:0', ...tokens, ...more]);
    const [endpoint = ''] = await urlsOf(child.stdout);
    const refused = await fetch(`${endpoint}?secret`, initialize);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer resource_metadata="https://gateway.example/.well-known/oauth-protected-resource/mcp"',
    ]);
    const metadata = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', endpoint));
    expect(await metadata.json()).toMatchObject({ authorization_servers: ['https://issuer.example'] });
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(JSON.parse(await readFile(log, 'utf8'))).toMatchObject({
      path: '/mcp',
      status: 401,
      reason: 'authentication_required',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('reports an address in use on one line', { timeout: 60_000 }, async () => {
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const { port } = taken.address() as AddressInfo;
  expect(await fails(['--listen', `127.0.0.1:${port}`, '--socket', '/tmp/none.sock'])).toEqual({
    code: 2,
    stderr: `error: --listen 127.0.0.1:${port}: cannot listen on this address (EADDRINUSE)\n`,
  });
  taken.close();
});

test.each([
  [
    ['--jwks', '/no/such', '--issuer', 'i', '--audience', 'a'],
    2,
    /^error: --jwks: \/no\/such does not contain a key set: there is no such file\n$/,
  ],
  [['--command', `${process.execPath} -e process.exit\\(7\\)`], 3, /^error: .+ exit code 7 .+\n$/],
  [['--command', '/no/such'], 3, /^error: The file \/no\/such does not exist\..*\n$/],
])('fails for %j with one line', { timeout: 60_000 }, async (words, code, message) => {
  const outcome = await fails(['--listen', '127.0.0.1:0', ...words]);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.code).toBe(code);
});
