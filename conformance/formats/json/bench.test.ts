import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import { sampleBench, sampleResult } from '../../bench/testing/sample-bench.ts';
import { renderBenchJson } from './bench.ts';

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
addFormats.default(ajv);
const validate = ajv.compile(
  JSON.parse(readFileSync(join(packageRoot(), 'conformance/schemas/bench.v1.schema.json'), 'utf8')),
);

const open = sampleBench({
  settings: { ...sampleBench().settings, load: { kind: 'open', ratePerS: 500, users: 16 }, gateway: true },
  results: [sampleResult({ backlog: { max: 12, unstarted: 3 }, gatewayUsage: sampleResult().usage })],
  comparisons: [],
});

test.each([
  ['in a closed loop', sampleBench()],
  ['in an open loop through the gateway', open],
])('a benchmark %s conforms to its schema', (_, report) => {
  const document: Record<string, unknown> = JSON.parse(renderBenchJson(report));
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...document, results: [{ workload: 'x' }] })).toBe(false);
  expect(validate({ ...document, kind: 'run' })).toBe(false);
});

test('lists of numbers take one line', () => {
  const text = renderBenchJson(sampleBench());
  expect(text).toContain('"valuesUs": [1000,1800,5000],\n');
  expect(text).toContain('"rssBytes": [115343360,null],\n');
  expect(text).toContain('"errors": [\n');
});
