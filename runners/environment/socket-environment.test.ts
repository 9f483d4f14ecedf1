import { expect, test } from 'vitest';
import { socketEnvironment, variablesOf } from './socket-environment.ts';

test('passes the path of a gRPC socket in both variables', () => {
  expect(socketEnvironment('/s')).toEqual({ MCP_RUNTIME_GRPC_UDS: '/s', MCP_RUST_GRPC_UDS: '/s' });
});

test('passes the path of an HTTP socket alone', () => {
  expect(socketEnvironment('/s', { transport: 'http' })).toEqual({
    MCP_RUNTIME_HTTP_UDS: '/s',
    MCP_RUNTIME_GRPC_UDS: null,
    MCP_RUST_GRPC_UDS: null,
  });
});

test('a named variable replaces those of the contract', () => {
  expect(socketEnvironment('/s', { socketVariable: 'MY' })).toEqual({ MY: '/s' });
  expect(variablesOf({ socketVariable: 'MY', transport: 'http' })).toEqual(['MY']);
});
