import { expect, test } from 'vitest';
import { RunnerError } from './runner.ts';
import { secondSocketEnvironment, secondSocketPath } from './second-socket.ts';

const place = { hostPath: '/tmp/a/s.sock', [Symbol.asyncDispose]: async () => undefined };

test('is in the folder of the first socket, as each side sees it', () => {
  expect(secondSocketPath(place, 'http')).toBe('/tmp/a/http.sock');
  expect(secondSocketEnvironment(place, 'grpc')).toEqual({ MCP_RUNTIME_GRPC_UDS: '/tmp/a/grpc.sock' });
  expect(secondSocketEnvironment({ ...place, targetPath: '/run/mcp/s.sock' }, 'http')).toEqual({
    MCP_RUNTIME_HTTP_UDS: '/run/mcp/http.sock',
  });
});

test('cannot be reached behind a relay', () => {
  expect(() => secondSocketPath({ ...place, hostPath: undefined }, 'http')).toThrow(RunnerError);
});
