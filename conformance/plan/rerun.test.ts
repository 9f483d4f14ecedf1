import { expect, test } from 'vitest';
import { parseCommandLine } from './options.ts';
import { rerunCommand } from './rerun.ts';

test.each<[readonly string[], string]>([
  [[], 'npx mcp-runtime-conformance --case s/c'],
  [
    ['--embedded-catalog', 'empty', '--verbose', '--suite', 's'],
    'npx mcp-runtime-conformance --embedded-catalog empty --case s/c',
  ],
  [['--socket', '/run/a b.sock'], "npx mcp-runtime-conformance --socket '/run/a b.sock' --case s/c"],
  [
    ['--command', "sh -c 'exec x'", '--env', 'A=$B', '--', '--port', '*'],
    "npx mcp-runtime-conformance --command 'sh -c '\\''exec x'\\''' --env 'A=$B' --case s/c -- --port '*'",
  ],
  [
    [
      '--image',
      'acme/r:1',
      '--env',
      'API_TOKEN=hidden',
      '--env-file',
      'e',
      '--pull',
      'never',
      '--timeout',
      '2.5',
      '--ready-timeout',
      '60',
    ],
    'npx -- mcp-runtime-conformance --image acme/r:1 --env API_TOKEN --env-file e --pull never --timeout 2.5 --ready-timeout 60 --case s/c',
  ],
  [
    [
      '--image',
      'i',
      '--transport',
      'bind',
      '--network',
      'n',
      '--mount',
      './a:/b',
      '--user',
      '1:1',
      '--socket-path',
      '/x/y',
    ],
    'npx mcp-runtime-conformance --image i --transport bind --network n --mount ./a:/b --user 1:1 --socket-path /x/y --case s/c',
  ],
  [['--fixtures', 'mine'], 'npx mcp-runtime-conformance --fixtures mine --case s/c'],
])('%j', (words, command) => {
  const invocation = parseCommandLine(words, '1.0.0');
  expect(invocation.kind === 'run' && rerunCommand(invocation.request, 's/c')).toBe(command);
});
