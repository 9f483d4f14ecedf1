import { isOneProgram, testRuntimeImage } from './testing/runtime-image.ts';

testRuntimeImage(
  {
    runtime: 'Rust runtime',
    script: 'rust.mjs',
    image: 'mcp-runtime-rust:build-test',
    buildMs: 900_000,
    healthCommand: ['/mcp-runtime', 'health'],
    tool: { name: 'cargo', version: '--version', requiredBy: 'REQUIRE_RUST' },
  },
  isOneProgram,
);
