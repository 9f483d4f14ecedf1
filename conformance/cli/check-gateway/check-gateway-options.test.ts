import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../plan/usage-error.ts';
import { CliCommand } from '../cli-command.ts';
import {
  type CheckGatewayInvocation,
  type CheckGatewayRequest,
  declareCheckGateway,
} from './check-gateway-options.ts';

async function parse(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CheckGatewayRequest> {
  const program = new CliCommand('kit');
  let parsed: CheckGatewayInvocation | undefined;
  const handle = async (invocation: CheckGatewayInvocation) => {
    parsed = invocation;
  };
  declareCheckGateway(program, handle, environment);
  await program.run(words);
  if (parsed?.kind !== 'run') throw new Error(`expected a run, got ${parsed?.kind}`);
  return parsed.request;
}

const running = ['--url', 'http://127.0.0.1:8080/mcp', '--socket', '/run/x.sock'];

test('accepts a running gateway by its URL and socket', async () => {
  const request = await parse([...running, '--case', 'calls/*', '--timeout', '5', '--report', 'json=a.json']);
  expect(request).toMatchObject({
    target: { kind: 'url', url: new URL('http://127.0.0.1:8080'), socketPath: '/run/x.sock' },
    cases: ['calls/*'],
    caseTimeoutMs: 5000,
    readyTimeoutMs: 30_000,
    facilities: { hasFallback: false },
    output: { reports: [{ format: 'json' }] },
  });
  expect(request.written).toEqual([...running, '--timeout', '5']);
});

test('takes arguments of the gateway after --', async () => {
  expect(await parse(['--command', './gateway {socket}', '--', '--listen', '{listen}'])).toMatchObject({
    target: { kind: 'command', command: './gateway {socket}', args: ['--listen', '{listen}'] },
  });
});

test('takes tokens from options or the environment, and does not repeat them', async () => {
  const environment = {
    MCP_GATEWAY_BEARER: 'b',
    MCP_GATEWAY_OTHER_BEARER: 'o',
    MCP_GATEWAY_EXPIRED_BEARER: '',
  };
  const request = await parse(
    [...running, '--bearer', 'a', '--identity', '{"email":"a"}', '--header', 'x-api-key: secret'],
    environment,
  );
  expect(request).toMatchObject({
    facilities: {
      bearer: 'a',
      otherBearer: 'o',
      identity: { email: 'a' },
      fields: [['x-api-key', 'secret']],
    },
  });
  expect(request.facilities.expiredBearer).toBeUndefined();
  expect(request.written.join(' ')).not.toMatch(/--bearer|secret/);
});

test('reads an identity from a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'identity-'));
  try {
    const file = join(folder, 'a.json');
    await writeFile(file, '{"email":"a","teams":null}');
    const request = await parse([...running, '--bearer', 'a', '--identity', `@${file}`]);
    expect(request.facilities.identity).toEqual({ email: 'a', teams: null });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  [[], 'specify the gateway: --url and --socket for a running one, or --command'],
  [['--url', 'http://127.0.0.1:1'], 'specify the gateway'],
  [['--url', '127.0.0.1:1', '--socket', 's'], '--url must be a URL such as http://127.0.0.1:8080'],
  [['--url', 'http://a/b', '--socket', 's'], '--url must not have a path: use http://a, not http://a/b'],
  [[...running, 'stray'], 'unexpected argument stray'],
  [[...running, '--', 'x'], 'arguments after -- require --command'],
  [[...running, '--identity', '{}'], '--identity requires --bearer or --header'],
  [[...running, '--other-identity', '{}'], '--other-identity requires --other-bearer'],
  [[...running, '--bearer', 'a', '--identity', '[]'], '--identity must be a JSON object'],
  [[...running, '--bearer', 'a', '--identity', '@/no/such'], '--identity @/no/such: there is no such file'],
  [[...running, '--header', 'no colon'], '--header must be a header field such as "x-api-key: 1"'],
  [
    [...running, '--bearer', 'a\r\n'],
    '--bearer (or MCP_GATEWAY_BEARER) contains a character that is invalid in a token',
  ],
  [
    [...running, '--write-known-failures', 'a', '--report', 'json=./a'],
    '--write-known-failures and --report both write to a',
  ],
  [
    ['--url', 'http://127.0.0.1:1', '--socket', `/${'x'.repeat(120)}`],
    'the absolute path has 121 bytes, over the system limit of',
  ],
  [[...running, '--ulr', 'x'], 'unknown option --ulr; did you mean --url?'],
])('rejects %j', async (words, message) => {
  await expect(parse(words)).rejects.toThrow(UsageError);
  await expect(parse(words)).rejects.toThrow(message);
});
