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
