import { expect, test } from 'vitest';
import { rerunCommand } from './rerun.ts';
import type { RunRequest } from './run-plan.ts';

test.each<[RunRequest, string]>([
  [{ target: { kind: 'embedded' } }, 'npx mcp-runtime-conformance --case s/c'],
  [{ target: { kind: 'embedded', catalog: 'conformance' } }, 'npx mcp-runtime-conformance --case s/c'],
  [
    { target: { kind: 'embedded', catalog: 'empty' }, suites: ['s'], keepWire: true },
    'npx mcp-runtime-conformance --embedded-catalog empty --case s/c',
  ],
  [
    { target: { kind: 'socket', path: '/run/a b.sock' } },
    "npx mcp-runtime-conformance --socket '/run/a b.sock' --case s/c",
  ],
  [
    { target: { kind: 'command', command: "sh -c 'exec x'", env: ['A=$B'], args: ['--port', '*'] } },
    "npx mcp-runtime-conformance --command 'sh -c '\\''exec x'\\''' --env 'A=$B' --case s/c -- --port '*'",
  ],
  [
    {
      target: {
        kind: 'image',
        image: 'acme/r:1',
        env: ['API_TOKEN=hidden'],
        envFiles: ['e'],
        pull: 'never',
      },
      caseTimeoutMs: 2_500,
      readyTimeoutMs: 60_000,
    },
    'npx -- mcp-runtime-conformance --image acme/r:1 --env API_TOKEN --env-file e --pull never --timeout 2.5 --ready-timeout 60 --case s/c',
  ],
  [
    {
      target: {
        kind: 'image',
        image: 'i',
        socketAccess: 'bind',
        network: 'n',
        mounts: ['./a:/b'],
        user: '1:1',
        socketPath: '/x/y',
      },
    },
    'npx mcp-runtime-conformance --image i --socket-access bind --user 1:1 --socket-path /x/y --network n --mount ./a:/b --case s/c',
  ],
  [
    { target: { kind: 'embedded' }, transport: 'http' },
    'npx mcp-runtime-conformance --transport http --case s/c',
  ],
  [{ target: { kind: 'embedded' }, transport: 'both' }, 'npx mcp-runtime-conformance --case s/c'],
  [
    { target: { kind: 'embedded' }, fixtures: 'mine' },
    'npx mcp-runtime-conformance --fixtures mine --case s/c',
  ],
  [
    { target: { kind: 'embedded' }, contract: '1.1', era: 'modern' },
    'npx mcp-runtime-conformance --contract 1.1 --era modern --case s/c',
  ],
  [
    { target: { kind: 'embedded' }, repeat: 20, only: new Set(['s/c']) },
    'npx mcp-runtime-conformance --repeat 20 --case s/c',
  ],
])('renders the command for %j', (request, command) => {
  expect(rerunCommand(request, 's/c')).toBe(command);
});

test('a case over HTTP in a run over both protocols runs again over HTTP alone', () => {
  const request = { target: { kind: 'embedded' }, transport: 'both' } as const;
  expect(rerunCommand(request, 's/c@http')).toBe('npx mcp-runtime-conformance --transport http --case s/c');
  expect(rerunCommand(request)).toBe('npx mcp-runtime-conformance --transport both');
});
