import type { DataCase, Step } from '../case/case.ts';
import { annotationsOf, defaultSetup, verbsOf, type WrittenStep } from '../case/step-annotations.ts';

/** Makes a case of a few steps, for tests of the engine. */
export function dataCase(
  name: string,
  steps: readonly WrittenStep[],
  more: Partial<DataCase> = {},
): DataCase {
  const source = { file: 'cases.yaml', line: 1 };
  return {
    kind: 'data',
    id: `suite/${name}`,
    suite: 'suite',
    title: name,
    clauses: ['RPC-1'],
    level: 'core',
    revisions: ['legacy'],
    needs: {},
    alone: false,
    deadlineMs: 5_000,
    source,
    steps: steps.map((step, index): Step => {
      const [[verb, argument] = ['', undefined]] = verbsOf(step);
      const setup = defaultSetup(verb, argument);
      return { verb, argument, source: { ...source, line: index + 1 }, setup, ...annotationsOf(step) };
    }),
    ...more,
  };
}
