import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

// The hostile targets take minutes and keep two cores busy, so only `npm run prove -- hostile` runs them.
const hostile = 'proof/hostile/hostile.test.ts';
// These open reports of real runs in Chromium, so only `npm run prove -- browser` runs them.
const browser = 'proof/browser/**/*.test.ts';

// These run the steps of workflows, so only `npm run prove -- workflows` runs them.
const workflows = ['action/action.test.ts', 'action/gitlab.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', './proof/house/closing-reporter.ts'],
    // Many tests wait for processes and deadlines. By default two cores would get one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Long enough for a busy machine, and short enough to report a test that hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    exclude: [
      ...configDefaults.exclude,
      'dist/**',
      ...(process.env['HOSTILE'] === undefined ? [hostile] : []),
      ...(process.env['BROWSER_PROOF'] === undefined ? [browser] : []),
      ...(process.env['WORKFLOW_PROOF'] === undefined ? workflows : []),
    ],
  },
});
