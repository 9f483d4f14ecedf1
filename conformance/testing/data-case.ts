import type { DataCase, Step } from '../case/case.ts';

/** A step as fixtures write it: one verb and its argument. */
export type WrittenStep = Readonly<Record<string, unknown>>;

/** A case made of a few steps, to try the engine with. */
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
      const [[verb, argument] = ['', undefined]] = Object.entries(step);
      return { verb, argument, source: { ...source, line: index + 1 } };
    }),
    ...more,
  };
}
