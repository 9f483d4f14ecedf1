import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { rawRequestServiceDefinition, serviceDefinition } from './grpc-service.ts';
import { HealthResponseSchema, McpRequestSchema, McpRuntime } from './index.ts';

describe('serviceDefinition', () => {
  const definition = serviceDefinition(McpRuntime);

  it('names the four methods by their path in the contract', () => {
    expect(Object.values(definition).map(({ path }) => path)).toEqual([
      '/contextforge.mcp.runtime.v1.McpRuntime/Invoke',
      '/contextforge.mcp.runtime.v1.McpRuntime/InvokeStream',
      '/contextforge.mcp.runtime.v1.McpRuntime/CloseSession',
      '/contextforge.mcp.runtime.v1.McpRuntime/HealthCheck',
    ]);
  });

  it('streams the response of InvokeStream alone', () => {
    expect(Object.entries(definition).map(([name, method]) => [name, method.responseStream])).toEqual([
      ['invoke', false],
      ['invokeStream', true],
      ['closeSession', false],
      ['healthCheck', false],
    ]);
  });

  it('gives back the message it serialized', () => {
    const request = create(McpRequestSchema, { path: '/mcp', headers: { accept: '*/*' } });
    expect(definition.invoke.requestDeserialize(definition.invoke.requestSerialize(request))).toEqual(
      request,
    );
    const health = create(HealthResponseSchema, { status: 'ok', capabilities: ['resume'] });
    const bytes = definition.healthCheck.responseSerialize(health);
    expect(definition.healthCheck.responseDeserialize(bytes).capabilities).toEqual(['resume']);
  });
});

describe('rawRequestServiceDefinition', () => {
  it('hands requests over as bytes, valid or not', () => {
    const { invoke } = rawRequestServiceDefinition(McpRuntime);
    expect(invoke.requestDeserialize(Buffer.from([0xff, 0xff]))).toEqual(new Uint8Array([0xff, 0xff]));
  });
});
