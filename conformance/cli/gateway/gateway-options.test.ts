import { describe, expect, test } from 'vitest';
import { UsageError } from '../../plan/usage-error.ts';
import { CliCommand } from '../cli-command.ts';
import { declareGateway, type GatewayRequest, readAddress } from './gateway-options.ts';

async function request(line: string): Promise<GatewayRequest> {
  const program = new CliCommand('kit');
  let parsed: GatewayRequest | undefined;
  declareGateway(program, async (found) => {
    parsed = found;
  });
  await program.run(line.split(' ').filter((word) => word !== ''));
  if (parsed === undefined) throw new Error('the command did not run');
  return parsed;
}

describe('the options of gateway', () => {
  test('serve the embedded runtime to anonymous callers on a loopback address by default', async () => {
    expect(await request('')).toEqual({
      target: { kind: 'embedded', catalog: 'conformance' },
      transport: 'grpc',
      listen: { host: '127.0.0.1', port: 8080 },
      anonymous: 'allow',
      bearer: undefined,
      fallback: undefined,
      metrics: undefined,
      publicUrl: undefined,
      auditLog: undefined,
      allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
      allowedOrigins: [],
      limits: {},
      readyTimeoutMs: 30_000,
    });
  });

  test('can all be combined', async () => {
    const line =
      '--socket s --transport http --listen 0.0.0.0:0 --allow-host a --allow-host b:1 --allow-origin https://o ' +
      '--jwks keys.json --issuer https://i --audience a --public-url https://gw --audit-log a.log --owner email --allow-missing-expiry --fallback http://f/x --fallback-when-down --metrics [::1]:9 ' +
      '--max-body 10 --deadline 1.5 --stream-idle 2 --drain 3 --max-calls-per-caller 4 --max-rate-per-caller 5 --ready-timeout 4';
    expect(await request(line)).toEqual({
      target: { kind: 'socket', path: 's' },
      transport: 'http',
      listen: { host: '0.0.0.0', port: 0 },
      anonymous: 'refuse',
      bearer: {
        keys: 'keys.json',
        issuer: 'https://i',
        audience: 'a',
        owner: 'email',
        allowMissingExpiry: true,
      },
      fallback: { url: new URL('http://f/x'), whenDown: true },
      metrics: { host: '::1', port: 9 },
      publicUrl: new URL('https://gw'),
      auditLog: 'a.log',
      allowedHosts: ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', 'a', 'b:1'],
      allowedOrigins: ['https://o'],
      limits: {
        maxBodyBytes: 10,
        callMs: 1500,
        streamIdleMs: 2000,
        drainMs: 3000,
        maxCallsPerCaller: 4,
        maxRatePerCaller: 5,
      },
      readyTimeoutMs: 4000,
    });
  });

  test('accept a URL for the keys', async () => {
    expect((await request('--jwks https://issuer/keys --issuer i --audience a')).bearer).toEqual({
      keys: new URL('https://issuer/keys'),
      issuer: 'i',
      audience: 'a',
    });
  });

  test('take arguments of the target after --', async () => {
    expect((await request('--command ./x -- --listen 1')).target).toMatchObject({ args: ['--listen', '1'] });
  });

  test.each([
    ['--listen 0.0.0.0:80', /can be reached from other machines: choose --anonymous allow/],
    ['--listen example:80', /can be reached from other machines/],
    ['--listen x', /--listen must be an address and a port/],
    ['--metrics x', /--metrics must be an address and a port/],
    ['--transport bind', /--transport must be grpc or http/],
    ['--issuer i', /require --jwks/],
    ['--owner email', /require --jwks/],
    ['--public-url https://g', /--public-url requires --jwks/],
    ['--jwks k --issuer i --audience a --public-url https://g', /an --issuer that is a URL/],
    ['--jwks k --issuer https://i --audience a --public-url https://g/x', /must not have a path/],
    ['--jwks k --issuer i', /--jwks requires --issuer and --audience/],
    ['--jwks k --audience a', /--jwks requires --issuer and --audience/],
    ['--jwks k --issuer i --audience a --owner name', /--owner must be subject or email/],
    ['--fallback-when-down', /requires --fallback/],
    ['--fallback ftp://x', /--fallback must be a URL that begins with http/],
    ['--socket a --command b', /exclude each other/],
    ['--anonymous maybe', /--anonymous must be allow or refuse/],
    ['--lisen 1', /unknown option --lisen; did you mean --listen\?/],
    ['x', /unexpected argument x/],
  ])('reject %s with one line', async (line, message) => {
    await expect(request(line)).rejects.toThrow(message);
    await expect(request(line)).rejects.toThrow(UsageError);
  });
});

describe('readAddress', () => {
  test.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['9000', { host: '127.0.0.1', port: 9000 }],
  ])('parses %s', (text, expected) => {
    expect(readAddress(text, '--listen')).toEqual(expected);
  });

  test.each(['', 'localhost', '127.0.0.1:', '127.0.0.1:65536', '::1:80', 'http://x:1', 'a b:1'])(
    'rejects %j with one line',
    (text) => {
      expect(() => readAddress(text, '--listen')).toThrow(
        /^--listen must be an address and a port, as in .+/,
      );
    },
  );
});
