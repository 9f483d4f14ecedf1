import { isOneProgram, testRuntimeImage } from './testing/runtime-image.ts';

testRuntimeImage(
  {
    runtime: 'Go runtime',
    script: 'go.mjs',
    image: 'mcp-runtime-go:latest',
    healthCommand: ['/mcp-runtime', 'health'],
  },
  isOneProgram,
);
