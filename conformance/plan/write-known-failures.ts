import { stringify } from 'yaml';
import type { RunResult } from '../engine/result.ts';
import { cut } from '../text/text.ts';

/**
 * The list as it should be after a run: what fails now, in the order of the cases. A reason that was given before stays,
 * a new entry has the failure's summary as its reason. Entries of cases that passed are gone; those that this run did
 * not decide (not selected, skipped, broken, not run) stay.
 * @param previous reasons by case id
 */
export function updateKnownFailures(
  run: RunResult,
  previous: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const decided = new Set(
    run.results.flatMap(({ case: head, outcome }) =>
      outcome.kind === 'passed' || outcome.kind === 'failed' ? [head.id] : [],
    ),
  );
  const next = new Map([...previous].filter(([id]) => !decided.has(id)));
  for (const { case: head, outcome } of run.results) {
    // Advice that is not followed does not count anyway.
    if (outcome.kind !== 'failed' || (head.advisory && !previous.has(head.id))) continue;
    next.set(head.id, previous.get(head.id) ?? oneLine(outcome.failure.summary));
  }
  return new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The list as YAML that `parseKnownFailures` reads. */
export function renderKnownFailures(reasons: ReadonlyMap<string, string>): string {
  const entries = [...reasons].map(([id, reason]) => ({ case: id, reason }));
  const comment = [
    '# Failures that are known and do not count. Each needs a reason: replace those that only repeat what went wrong.',
    '# An entry whose case passes has to go.',
    '',
  ].join('\n');
  return entries.length === 0 ? `${comment}[]\n` : `${comment}${stringify(entries, { lineWidth: 0 })}`;
}

function oneLine(summary: string): string {
  return cut(summary.replace(/\s+/g, ' ').trim(), 200) || 'no reason is known';
}
