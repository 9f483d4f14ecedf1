import { configDefaults, defineConfig } from 'vitest/config';

// The hostile targets take minutes and keep both cores busy: `npm run hostile` runs them, not `npm test`.
const hostile = 'conformance/hostile/hostile.test.ts';

export default defineConfig({
  test: {
    exclude: [
      ...configDefaults.exclude,
      'dist/**',
      ...(process.env['HOSTILE'] === undefined ? [hostile] : []),
    ],
  },
});
