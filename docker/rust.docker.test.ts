import { isOneProgram, testRuntimeImage } from './testing/runtime-image.ts';

testRuntimeImage(
  {
    runtime: 'Rust runtime',
    script: 'rust.mjs',
    image: 'mcp-runtime-rust:latest',
    healthCommand: ['/mcp-runtime', 'health'],
  },
  isOneProgram,
);
