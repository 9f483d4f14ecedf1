import { groupBy } from '../../base/group.ts';
import { configFile } from '../case/config-file-name.ts';
import type { ServedKind } from '../engine/result.ts';
import type { Uncovered } from '../judge/verdict.ts';
import type { RunReport } from './report.ts';

/** Cases that prove nothing for the same reason. */
export type Gap = Uncovered;

/** Returns the advice for a gap that a line of configuration closes, or an empty string. */
export function adviceFor({ configuration }: Gap): string {
  return configuration === undefined ? '' : `add to ${configFile}: ${configuration}`;
}

const plurals: Readonly<Record<ServedKind, string>> = {
  tool: 'tools',
  resource: 'resources',
  'resource template': 'resource templates',
  prompt: 'prompts',
  'MCP capability': 'MCP capabilities',
};

/**
 * Returns the gaps of a run, the largest first. All cases that need an item that the target does not serve share one
 * gap. Its reason lists the items by kind.
 */
export function gapsOf({ run, verdict }: Pick<RunReport, 'run' | 'verdict'>): readonly Gap[] {
  const unserved = run.results.flatMap(({ case: { id }, outcome }) =>
    outcome.kind === 'skipped' && outcome.notServed
      ? [{ id, reason: outcome.reason, ...outcome.notServed }]
      : [],
  );
  const reasons = new Set(unserved.map(({ reason }) => reason));
  if (reasons.size < 2) return verdict.uncovered;
  const items = [...groupBy(unserved, ({ kind }) => kind)].map(([kind, members]) => {
    const names = [...new Set(members.map(({ name }) => name))];
    return `${names.length === 1 ? kind : plurals[kind]} ${names.join(', ')}`;
  });
  const shared: Gap = {
    reason: `the target does not serve: ${items.join('; ')}`,
    cases: unserved.map(({ id }) => id),
  };
  const others = verdict.uncovered.filter(({ reason }) => !reasons.has(reason));
  return [shared, ...others].sort((a, b) => b.cases.length - a.cases.length);
}
