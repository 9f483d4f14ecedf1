import { testRuntimeImage } from './testing/runtime-image.ts';

testRuntimeImage({
  runtime: 'reference runtime',
  script: 'build.mjs',
  image: 'mcp-reference-runtime:latest',
  healthCommand: ['node', '/app/dist/runtime/main.js', 'health'],
});
