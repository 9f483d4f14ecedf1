import { configDefaults, defineConfig } from 'vitest/config';

// The hostile targets take minutes and keep both cores busy: `npm run prove -- hostile` runs them, not `npm test`.
const hostile = 'proof/hostile/hostile.test.ts';

export default defineConfig({
  test: {
    // A test that hangs is told; one on a busy machine is not taken for it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    exclude: [
      ...configDefaults.exclude,
      'dist/**',
      ...(process.env['HOSTILE'] === undefined ? [hostile] : []),
    ],
  },
});
