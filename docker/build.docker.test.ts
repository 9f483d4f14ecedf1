import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { testRuntimeImage } from './testing/runtime-image.ts';

beforeAll(() => {
  expect(existsSync(join(import.meta.dirname, '../dist/runtime/main.js')), 'npm run build').toBe(true);
});

testRuntimeImage({
  runtime: 'reference runtime',
  script: 'build.mjs',
  image: 'mcp-reference-runtime:build-test',
  buildMs: 120_000,
  healthCommand: ['node', '/app/dist/runtime/main.js', 'health'],
});
