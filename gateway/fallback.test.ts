import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { httpFallback } from './fallback.ts';
import { listen } from './node/serve.ts';
import type { GatewayOptions } from './options.ts';
import { post, ScriptedGateway } from './testing/scripted-gateway.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let open: ScriptedGateway | undefined;
let server: Server | undefined;
const seen: Seen[] = [];
afterEach(async () => {
  await open?.[Symbol.asyncDispose]();
  server?.close();
  server?.closeAllConnections();
});

const keep: RequestListener = async (incoming, outgoing) => {
  const { method, url, headers } = incoming;
  seen.push({ method, url, headers, body: await text(incoming) });
  outgoing.writeHead(207, ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'connection', 'x-hop', 'x-hop', '1']);
  outgoing.end('from the fallback');
};

async function start(
  options: Partial<GatewayOptions> & { readonly isDown?: boolean } = {},
  listener: RequestListener = keep,
): Promise<ScriptedGateway> {
  seen.length = 0;
  server = createServer(listener);
  const url = new URL('/base/', await listen(server, { host: '127.0.0.1', port: 0 }));
  const { isDown = false, ...others } = options;
  open = await ScriptedGateway.start(isDown ? undefined : { invoke: () => ({ status: 200 }) }, {
    fallback: httpFallback({ url }),
    ...others,
  });
  return open;
}

describe('requests that the runtime does not serve', () => {
  test('go to the fallback with the caller’s credentials and without internal fields', async () => {
    const { url } = await start();
    const response = await fetch(`${url}?a=%20`, {
      method: 'PUT',
      headers: {
        authorization: 'Bearer t',
        cookie: 'c=1',
        'x-contextforge-auth-context': 'e30',
        'x-forwarded-internally': 'true',
        'x-plain': '1',
      },
      body: 'whole body',
    });
    expect([response.status, await response.text()]).toEqual([207, 'from the fallback']);
    expect(response.headers.get('x-mcp-gateway-fallback')).toBe('method');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-hop')).toBeNull();
    expect(seen).toMatchObject([{ method: 'PUT', url: '/base/mcp?a=%20', body: 'whole body' }]);
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer t', cookie: 'c=1', 'x-plain': '1' });
    expect(Object.keys(seen[0]?.headers ?? {}).join()).not.toMatch(/contextforge|forwarded/);
  });

  test.each([
    ['path', ['GET /other HTTP/1.1']],
    ['upgrade', ['GET /mcp HTTP/1.1', 'upgrade: websocket']],
    ['method', ['OPTIONS /mcp HTTP/1.1']],
  ])('carry the reason: %s', async (reason, lines) => {
    const gateway = await start();
    const answer = await gateway.raw([...lines, 'host: localhost', 'connection: close']);
    expect(answer).toMatch(/^HTTP\/1.1 207 /);
    expect(answer.toLowerCase()).toContain(`\r\nx-mcp-gateway-fallback: ${reason}\r\n`);
    expect(seen[0]?.headers['upgrade']).toBeUndefined();
    const counter = gateway.gateway.registry.getSingleMetricAsString('mcp_gateway_fallbacks_total');
    expect(await counter).toContain(`mcp_gateway_fallbacks_total{reason="${reason}"} 1`);
  });

  test('may have a chunked body', async () => {
    const gateway = await start();
    const lines = ['PUT /mcp HTTP/1.1', 'host: localhost', 'connection: close', 'transfer-encoding: chunked'];
    await gateway.raw(lines, '3\r\nabc\r\n0\r\n\r\n');
    expect(seen[0]?.body).toBe('abc');
  });

  test('are refused for hosts that are not allowed', async () => {
    const gateway = await start();
    expect(await gateway.raw(['PUT /mcp HTTP/1.1', 'host: evil', 'connection: close'])).toMatch(
      /^HTTP\/1.1 403 /,
    );
    expect(seen).toEqual([]);
  });
});

describe('while the runtime is unreachable', () => {
  test('the fallback receives calls with their bodies if this is configured', async () => {
    const { url } = await start({ isDown: true, fallbackWhenDown: true, limits: { connectMs: 20 } });
    const response = await fetch(url, post('{"a":1}'));
    expect([response.status, response.headers.get('x-mcp-gateway-fallback')]).toEqual([207, 'runtime-down']);
    expect(seen).toMatchObject([{ method: 'POST', body: '{"a":1}' }]);
  });

  test('the fallback receives no calls by default', async () => {
    const { url } = await start({ isDown: true, limits: { connectMs: 20 } });
    const response = await fetch(url, post('{}'));
    expect([response.status, response.headers.get('x-mcp-gateway-fallback')]).toEqual([502, null]);
    expect(seen).toEqual([]);
  });
});

describe('a fallback that fails', () => {
  test('results in a 502 without the reason', async () => {
    const { url } = await start({}, (incoming) => incoming.socket.destroy());
    const response = await fetch(url, { method: 'PUT' });
    expect([response.status, response.headers.get('x-mcp-gateway-fallback')]).toEqual([502, 'method']);
    expect(await response.text()).not.toMatch(/ECONN|socket|127/);
  });

  test('aborts the answer to the caller if the fallback fails midway', async () => {
    const { url } = await start({}, (_, outgoing) => {
      outgoing.write('begun', () => outgoing.destroy());
    });
    const response = await fetch(url, { method: 'PUT' });
    await expect(response.text()).rejects.toThrow('terminated');
  });

  test('needs an HTTP URL', () => {
    expect(() => httpFallback({ url: new URL('file:///etc') })).toThrow('file:///etc is not an HTTP URL');
  });
});

test('a target without a path goes to the root of the fallback', async () => {
  const gateway = await start({ allowedHosts: ['127.0.0.1'] });
  for (const target of ['http://127.0.0.1?q', 'http://127.0.0.1', 'http://127.0.0.1/a?q', '/a']) {
    await gateway.raw([`GET ${target} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close']);
  }
  expect(seen.map(({ url }) => url)).toEqual(['/base/?q', '/base/', '/base/a?q', '/base/a']);
});
