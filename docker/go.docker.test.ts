import { isOneProgram, testRuntimeImage } from './testing/runtime-image.ts';

testRuntimeImage(
  {
    runtime: 'Go runtime',
    script: 'go.mjs',
    image: 'mcp-runtime-go:build-test',
    buildMs: 300_000,
    healthCommand: ['/mcp-runtime', 'health'],
    tool: { name: 'go', version: 'version', requiredBy: 'REQUIRE_GO' },
  },
  isOneProgram,
);
