import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { post, ScriptedGateway } from '../testing/scripted-gateway.ts';
import { serveMetrics } from './serve.ts';

test('serves the metrics of the gateway', async () => {
  await using gateway = await ScriptedGateway.start({ invoke: () => ({ status: 200 }) });
  await using metrics = await serveMetrics(gateway.gateway.registry, { host: '127.0.0.1', port: 0 });
  await fetch(gateway.url, post('{}'));
  await fetch(gateway.url, { method: 'PUT' });
  gateway.killRuntime();
  const response = await fetch(metrics.url);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n');
  expect(lines).toContain('mcp_gateway_requests_total{route="Invoke",status="200"} 1');
  expect(lines).toContain('mcp_gateway_requests_total{route="none",status="405"} 1');
  expect(lines).toContain('mcp_gateway_refusals_total{reason="method_not_served"} 1');
  expect(lines).toContain('mcp_gateway_request_duration_seconds_count{route="Invoke"} 1');
  expect(lines).toContain('mcp_gateway_calls_in_flight{route="Invoke"} 0');
  expect(lines).toContain('mcp_gateway_runtime_up 1');
  expect((await fetch(new URL('/', metrics.url))).status).toBe(404);
});

test('serves metrics only for hosts that a page of another site cannot claim', async () => {
  await using gateway = await ScriptedGateway.start({ invoke: () => ({ status: 200 }) });
  const { registry } = gateway.gateway;
  const listening = { host: '127.0.0.1', port: 0, allowedHosts: ['Metrics.example'] };
  await using metrics = await serveMetrics(registry, listening);
  const { port } = new URL(metrics.url);
  const statusFor = async (host: string) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return Number((await text(socket)).slice(9, 12));
  };
  for (const host of ['localhost', `127.0.0.1:${port}`, '10.1.2.3:9464', '[::1]:9', 'metrics.example:80']) {
    expect([host, await statusFor(host)]).toEqual([host, 200]);
  }
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '']) {
    expect([host, await statusFor(host)]).toEqual([host, 403]);
  }
});

test('keeps idle connections longer than the proxies in front of it', async () => {
  await using gateway = await ScriptedGateway.start({ invoke: () => ({ status: 200 }) });
  const response = await fetch(gateway.url, post('{}'));
  const seconds = /^timeout=(\d+)$/.exec(response.headers.get('keep-alive') ?? '')?.[1];
  expect(Number(seconds)).toBeGreaterThan(60);
});
