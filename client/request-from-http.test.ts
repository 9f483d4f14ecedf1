import { describe, expect, it } from 'vitest';
import { encodeAuthContext } from './auth-context.ts';
import { type HttpRequestDescription, isLoopbackAddress, requestFromHttp } from './request-from-http.ts';

function requestOf(http: Partial<HttpRequestDescription>) {
  const translation = requestFromHttp({ method: 'POST', url: '/mcp', headers: [], ...http });
  if (translation.kind !== 'rpc') throw new Error(`fallback: ${translation.reason}`);
  return translation.request;
}

function fallbackOf(http: Partial<HttpRequestDescription>) {
  const translation = requestFromHttp({ method: 'POST', url: '/mcp', headers: [], ...http });
  return translation.kind === 'fallback' ? translation.reason : translation.rpc;
}

describe('requestFromHttp', () => {
  it.each([
    ['POST', 'Invoke'],
    ['GET', 'InvokeStream'],
    ['DELETE', 'CloseSession'],
  ])('CLIENT-13: converts %s to %s', (method, rpc) => {
    const translation = requestFromHttp({ method, url: '/mcp', headers: [] });
    expect(translation).toMatchObject({ kind: 'rpc', rpc, request: { method } });
  });

  it.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS', 'post', ''])(
    'CLIENT-13: passes requests with the method %j to the fallback',
    (method) => {
      expect(fallbackOf({ method })).toBe('method');
    },
  );

  it('CLIENT-13: passes a WebSocket upgrade to the fallback', () => {
    expect(fallbackOf({ method: 'GET', headers: ['Upgrade', 'websocket', 'Connection', 'Upgrade'] })).toBe(
      'upgrade',
    );
    expect(fallbackOf({ method: 'GET', headers: ['Upgrade', 'h2c'] })).toBe('InvokeStream');
  });

  it.each([
    ['/servers/abc/mcp', 'abc', '/servers/abc/mcp', ''],
    ['/servers/a%20b/mcp/?x=1&y', 'a b', '/servers/a%20b/mcp', 'x=1&y'],
    ['/mcp/', '', '/mcp', ''],
    ['/mcp?a=?b#c', '', '/mcp', 'a=?b'],
    ['https://gateway.example/servers/abc/mcp?q', 'abc', '/servers/abc/mcp', 'q'],
  ])('CLIENT-13: reads from %s the server %j', (url, serverId, path, query) => {
    expect(requestOf({ url })).toMatchObject({ serverId, path, query });
  });

  it.each([
    '/',
    '/mcpx',
    '/_internal/mcp',
    '/servers//mcp',
    '/servers/a/b/mcp',
    '/servers/%/mcp',
    '/servers/../mcp',
    '/servers/%2E%2e/mcp',
    '/servers/a%2Fb/mcp',
    '/servers/a%0Ab/mcp',
    '//servers/abc/mcp',
    '/MCP',
  ])('CLIENT-13: leaves %s to the fallback', (url) => {
    expect(fallbackOf({ url })).toBe('path');
  });

  it('CLIENT-13: takes the session only from mcp-session-id', () => {
    expect(requestOf({ headers: ['Mcp-Session-Id', ' s1 ', 'x-mcp-session-id', 's2'] })).toMatchObject({
      sessionId: 's1',
      headers: { 'mcp-session-id': 's1' },
    });
    expect(requestOf({ headers: ['mcp-session-id', 's\u00e9'] }).sessionId).toBe('');
    expect(requestOf({}).sessionId).toBe('');
  });

  it.each([
    ['127.0.0.1', 'true', true],
    ['::ffff:127.0.0.1', 'true', true],
    ['::1', 'true', true],
    ['10.0.0.1', 'true', false],
    ['127.0.0.1', 'false', false],
    ['127.0.0.1', 'TRUE', false],
    [undefined, 'true', false],
  ])('CLIENT-13: reads affinity from peer %s with the value %s as %s', (peerAddress, value, expected) => {
    const request = requestOf({ peerAddress, headers: ['X-Forwarded-Internally', value] });
    expect(request.affinityForwarded).toBe(expected);
    expect(request.headers).toEqual({});
  });

  it('CLIENT-13: passes a body only for POST', () => {
    const authContext = encodeAuthContext({ isAuthenticated: true, email: 'a@example.com' });
    expect(requestOf({ body: '{}', authContext })).toMatchObject({ body: '{}', authContext });
    expect(requestOf({ method: 'DELETE', body: '{}' }).body).toBeUndefined();
  });

  it('CLIENT-4: sanitises the header fields', () => {
    expect(requestOf({ headers: { Host: 'h', Cookie: 'c', Accept: ['a', 'b'] } }).headers).toEqual({
      accept: 'a, b',
    });
  });
});

describe('isLoopbackAddress', () => {
  it.each(['127.0.0.1', '127.255.0.9', '::1', '::FFFF:127.0.0.1'])('accepts %s', (address) => {
    expect(isLoopbackAddress(address)).toBe(true);
  });
  it.each(['', '127.evil.example', '128.0.0.1', '::2', '::ffff:10.0.0.1'])(
    'does not accept %j',
    (address) => {
      expect(isLoopbackAddress(address)).toBe(false);
    },
  );
});
