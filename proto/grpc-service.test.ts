import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { rawRequestServiceDefinition, serviceDefinition } from './grpc-service.ts';
import { HealthResponseSchema, McpRequestSchema, McpRuntime } from './index.ts';

describe('serviceDefinition', () => {
  const definition = serviceDefinition(McpRuntime);

  it('has the path of every method in the contract', () => {
    expect(Object.keys(definition)).toEqual(McpRuntime.methods.map(({ localName }) => localName));
    expect(definition.invoke.path).toBe('/contextforge.mcp.runtime.v1.McpRuntime/Invoke');
    expect(definition.healthCheck.path).toBe('/contextforge.mcp.runtime.v1.McpRuntime/HealthCheck');
  });

  it('streams only the response of InvokeStream', () => {
    const streams = Object.entries(definition).filter(([, { responseStream }]) => responseStream);
    expect(streams.map(([name]) => name)).toEqual(['invokeStream']);
  });

  it('deserialises the message that it serialised', () => {
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
  it('passes requests as bytes, even invalid ones', () => {
    const { invoke } = rawRequestServiceDefinition(McpRuntime);
    expect(invoke.requestDeserialize(Buffer.from([0xff, 0xff]))).toEqual(new Uint8Array([0xff, 0xff]));
  });
});
