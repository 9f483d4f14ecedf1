import { describe, expect, it } from 'vitest';
import {
  headerPairs,
  headersForCaller,
  headersForFallback,
  headersForRuntime,
  headersFromFallback,
} from './header-policy.ts';

describe('headerPairs', () => {
  const expected = [
    ['Accept', 'a'],
    ['accept', 'b'],
  ];

  it('accepts pairs, rawHeaders and objects with lists', () => {
    expect(headerPairs(new Map([['x', 'y']]))).toEqual([['x', 'y']]);
    expect(headerPairs(expected as [string, string][])).toEqual(expected);
    expect(headerPairs(['Accept', 'a', 'accept', 'b'])).toEqual(expected);
    expect(headerPairs({ Accept: ['a'], accept: 'b', absent: undefined })).toEqual(expected);
    expect(headerPairs([])).toEqual([]);
  });

  it('accepts a Headers object', () => {
    expect(headerPairs(new Headers({ 'Mcp-Session-Id': 's' }))).toEqual([['mcp-session-id', 's']]);
  });
});

describe('headersForRuntime', () => {
  it('joins empty values without a space at the end', () => {
    expect(
      headersForRuntime([
        ['accept', ''],
        ['Accept', ''],
      ]),
    ).toEqual({ accept: ',' });
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'HTTP2-Settings',
    'Host',
    'Content-Length',
    'Forwarded',
    'X-Forwarded-For',
    'x-forwarded-proto',
    'X-Forwarded-Internally',
    'X-MCP-Session-Id',
    'X-Original-Worker',
    'X-ContextForge-Auth-Context',
    'x-contextforge-pre-invoke-ran',
    'X_ContextForge_Auth_Context',
    'x-contextforge_anything',
    'X_Forwarded_For',
    'x_mcp_session_id',
    'TRANSFER_ENCODING',
  ])('CLIENT-4: drops %s', (name) => {
    expect(
      headersForRuntime([
        [name, 'value'],
        ['accept', '*/*'],
      ]),
    ).toEqual({ accept: '*/*' });
  });

  it('CLIENT-4: drops fields named by connection, in any case, over several fields', () => {
    const fields = [
      'Connection',
      'close, X-One',
      'connection',
      'x-TWO',
      'X-One',
      '1',
      'x-two',
      '2',
      'x-three',
      '3',
    ];
    expect(headersForRuntime(fields)).toEqual({ 'x-three': '3' });
  });

  it('CLIENT-5: joins a repeated field in order, regardless of case', () => {
    expect(headersForRuntime(['Accept', 'a', 'X', '1', 'ACCEPT', 'b', 'accept', 'c'])).toEqual({
      accept: 'a, b, c',
      x: '1',
    });
  });

  it('CLIENT-5: drops cookie and authorization', () => {
    const fields = [
      'Cookie',
      'a=1',
      'cookie',
      'b=2',
      'Authorization',
      'Bearer t',
      'authorization',
      'Basic u',
    ];
    expect(headersForRuntime(fields)).toEqual({});
  });

  it('CLIENT-6: sends names in lower case and drops invalid ones', () => {
    expect(headersForRuntime({ 'X-Ok': '1', 'x bad': '2', ':path': '3', 'x\u00e9': '4', '': '5' })).toEqual({
      'x-ok': '1',
    });
  });

  it('CLIENT-6: drops only values outside visible ASCII, space and tab', () => {
    expect(
      headersForRuntime([
        'a',
        'caf\u00e9',
        'b',
        'line\r\nbreak',
        'c',
        'nul\0',
        'd',
        ' tab\tand space ',
        'e',
        '\x7f',
        'f',
        'x',
        'f',
        '\u2603',
        'f',
        'y',
      ]),
    ).toEqual({ d: 'tab\tand space', f: 'x, y' });
  });

  it('is idempotent', () => {
    const clean = headersForRuntime(['Accept', 'a', 'accept', 'b', '__proto__', 'c']);
    expect(Object.entries(clean)).toEqual([
      ['accept', 'a, b'],
      ['__proto__', 'c'],
    ]);
    expect(headersForRuntime(clean)).toEqual(clean);
  });
});

describe('headersForCaller', () => {
  it('GW-28: passes fields unchanged, and keeps the last of names that differ in case', () => {
    expect(headersForCaller({ 'X-One': ' 1', 'x-one': '2', 'content-type': 'text/plain' })).toEqual([
      ['x-one', '2'],
      ['content-type', 'text/plain'],
    ]);
  });

  it('GW-29, GW-30: drops hop-by-hop fields, fields named by connection, and invalid fields', () => {
    const headers = { Connection: 'X-One', 'X-One': '1', 'content-length': '2', te: '3', 'x 2': '4', y: 'ü' };
    expect(headersForCaller(headers)).toEqual([]);
  });

  it('refuses a header that is too large for HTTP clients', () => {
    expect(() => headersForCaller({ big: 'x'.repeat(64 * 1024) })).toThrow(
      'the response header has 65539 bytes',
    );
  });
});

describe('the fallback', () => {
  it('receives the credentials and the same fields as the runtime', () => {
    const fields = ['Cookie', 'a=1', 'cookie', 'b=2', 'Authorization', 'Bearer t', 'X-Forwarded-For', '::1'];
    expect(headersForFallback([...fields, 'accept', '*/*'])).toEqual({
      accept: '*/*',
      authorization: ['Bearer t'],
      cookie: 'a=1; b=2',
    });
  });

  it('keeps case and repetitions of its response fields, without hop-by-hop fields', () => {
    const raw = [
      'Set-Cookie',
      'a',
      'Set-Cookie',
      'b',
      'Connection',
      'x-one',
      'X-One',
      '1',
      'Content-Length',
      '2',
    ];
    expect(headersFromFallback(raw)).toEqual([
      ['Set-Cookie', 'a'],
      ['Set-Cookie', 'b'],
    ]);
  });
});
