import { type ChangeKind, type CompareReport, changeKinds, changesOf } from '../../compare/report.ts';
import { preventsGreen } from '../../report/summary.ts';
import { visible } from '../../text/text.ts';
import { renderSuites, type TestCase } from './suites.ts';

/** Renders a comparison as JUnit XML: a suite for each kind of change, in which new failures fail. */
export function renderCompareJunit({ tool, startedAt, comparison }: CompareReport): string {
  const changes = changesOf(comparison);
  const suites = changeKinds.map((kind) => ({
    name: suiteNames[kind],
    timeMs: 0,
    startedAt,
    cases: changes.flatMap((each): readonly TestCase[] => {
      if (each.kind !== kind) return [];
      const { implementation, subject, before, after, reason } = each.change;
      const name = implementation === undefined ? subject : `${implementation}: ${subject}`;
      const turn = `${before ?? 'absent'} → ${after ?? 'absent'}`;
      const message = visible(reason === '' ? turn : `${turn}: ${reason}`);
      const isFailure = kind === 'newly failing' || (kind === 'new' && preventsGreen(after));
      const type = after ?? 'absent';
      if (isFailure) return [{ name, timeMs: 0, outcome: { element: 'failure', type, message } }];
      if (after === 'passed') return [{ name, timeMs: 0 }];
      return [{ name, timeMs: 0, outcome: { element: 'skipped', type, message } }];
    }),
  }));
  return renderSuites(suites, { name: `${tool.name} compare`, durationMs: 0 });
}

const suiteNames: Readonly<Record<ChangeKind, string>> = {
  'newly failing': 'newly failing',
  'newly passing': 'newly passing',
  new: 'new cases',
  removed: 'removed cases',
  other: 'other changes',
};
