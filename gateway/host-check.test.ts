import { describe, expect, test } from 'vitest';
import type { GatewayRequest } from './exchange.ts';
import { checkHost, type HostOptions, loopbackHosts } from './host-check.ts';

const allowed: HostOptions = {
  allowedHosts: [...loopbackHosts, 'gateway.example', 'other.example:8443'],
  allowedOrigins: [],
};

function request(headers: [string, string][], url = '/mcp'): GatewayRequest {
  return {
    method: 'POST',
    url,
    headers,
    body: (async function* () {})(),
    peerAddress: undefined,
    signal: new AbortController().signal,
  };
}

function codeOf(headers: [string, string][], options = allowed, url?: string): string {
  try {
    checkHost(request(headers, url), options);
    return 'passes';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
  }
}

describe('GW-27: host', () => {
  test.each([
    'localhost',
    'LOCALHOST:8080',
    '127.0.0.1:1',
    '[::1]:8080',
    'gateway.example',
    'gateway.example.:80',
    'other.example:8443',
  ])('%s passes', (host) => {
    expect(codeOf([['Host', host]])).toBe('passes');
  });

  test.each([
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.example:localhost',
    'other.example',
    'other.example:1',
    'user@localhost',
    'localhost, evil.example',
    '127.0.0.2',
  ])('%j is refused', (host) => {
    expect(codeOf([['host', host]])).toBe('host_not_allowed');
  });

  test('is required exactly once', () => {
    expect(codeOf([])).toBe('host_not_allowed');
    const twice: [string, string][] = [
      ['host', 'localhost'],
      ['Host', 'localhost'],
    ];
    expect(codeOf(twice)).toBe('host_not_allowed');
  });

  test('is also checked in an absolute URL', () => {
    expect(codeOf([['host', 'localhost']], allowed, 'http://localhost/mcp')).toBe('passes');
    expect(codeOf([['host', 'localhost']], allowed, 'http://evil.example/mcp')).toBe('host_not_allowed');
  });

  test('is unrestricted with *', () => {
    expect(codeOf([['host', 'x.example']], { ...allowed, allowedHosts: ['*'] })).toBe('passes');
  });
});

describe('GW-27: origin', () => {
  const host: [string, string] = ['host', 'localhost'];

  test.each([
    ['localhost', 'http://localhost'],
    ['localhost:6274', 'http://localhost:6274'],
    ['localhost:80', 'http://localhost'],
    ['LOCALHOST', 'https://localhost:443'],
    ['gateway.example', 'https://gateway.example'],
    ['[::1]:1', 'http://[::1]:1'],
  ])('of the requested host %s passes: %s', (requested, origin) => {
    expect(
      codeOf([
        ['host', requested],
        ['Origin', origin],
      ]),
    ).toBe('passes');
  });

  test.each([
    'https://evil.example',
    'null',
    'http://localhost:6274',
    'http://127.0.0.1',
    'https://gateway.example',
    'http://localhost:443',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'file://localhost',
    'http://evil.example#localhost',
    '',
  ])('%j is refused', (origin) => {
    expect(codeOf([host, ['origin', origin]])).toBe('origin_not_allowed');
  });

  test('may be an additional allowed one, or any with *', () => {
    const origin: [string, string] = ['origin', 'https://app.example'];
    expect(codeOf([host, origin], { ...allowed, allowedOrigins: ['https://App.example'] })).toBe('passes');
    expect(codeOf([host, origin], { ...allowed, allowedOrigins: ['*'] })).toBe('passes');
  });

  test('is restricted even if every host is allowed', () => {
    const anyHost = { allowedHosts: ['*'], allowedOrigins: [] };
    expect(codeOf([host, ['origin', 'https://evil.example']], anyHost)).toBe('origin_not_allowed');
  });
});
