import { clip } from '../text/text.ts';
import { clausesInWords, eraTone, toneOf } from './conclusions.ts';
import type { HistoryEntry, RunChanges } from './history.ts';
import { type Markup, markup, named } from './markup.ts';
import type { FindingFacts, SiteRun } from './site-run.ts';

/** Renders the conclusion of a run as a coloured label. */
export function pill(run: Pick<SiteRun, 'conclusion'>): Markup {
  return markup`<span class="pill ${toneOf(run)}">${run.conclusion}</span>`;
}

/** Renders the time of a run, to the minute. */
export function timeOf({ startedAt }: SiteRun): Markup {
  return markup`<time class="nowrap" datetime="${startedAt}">${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)}</time>`;
}

/** Renders the time of a run for a narrow column. */
export function timeCell({ startedAt }: SiteRun): Markup {
  return markup`<time class="nowrap" datetime="${startedAt}">${startedAt.slice(0, 10)}<small>${startedAt.slice(11, 16)}</small></time>`;
}

/** Draws the clauses of a run as a bar. The text beside it has the numbers. */
export function clauseBar({ clauses }: SiteRun): Markup | undefined {
  if (clauses.checked === 0) return undefined;
  let x = 0;
  const parts = (['held', 'accepted', 'unproven', 'violated'] as const).flatMap((name) => {
    const amount = clauses[name];
    if (amount === 0) return [];
    // A single clause among many must stay visible.
    const width = Math.max(2, Math.round((amount / clauses.checked) * 120));
    const at = Math.min(x, 120 - width);
    x = at + width;
    return [markup`<rect class="${name}" x="${at}" width="${width}" height="8"/>`];
  });
  return markup`<svg class="bar" viewBox="0 0 120 8" aria-hidden="true">${parts}</svg>`;
}

/** Renders the eras of a run, each with its clauses. */
export function eraList({ eras }: SiteRun): Markup | undefined {
  if (eras.length === 0) return undefined;
  return markup`${eras.map(
    (era) =>
      markup`<span class="nowrap">${era.era} <span class="${eraTone(era)}">${era.clauses.held}/${era.clauses.checked}</span></span><br>`,
  )}`;
}

/** Renders the clauses of a run for a table: those that are held, and below the others. */
export function clauseCell(run: SiteRun): Markup {
  if (run.clauses.checked === 0) return markup`–`;
  const [held, ...others] = clausesInWords(run).split(', ');
  return markup`<span class="nowrap">${held}</span><small>${others.join(', ')}</small>`;
}

/** Renders the number of passed cases of a run. */
export function caseCell({ cases }: SiteRun): Markup {
  return cases.total === 0
    ? markup`–`
    : markup`<span class="nowrap">${cases.passed} of ${cases.total}</span>`;
}

/** Renders the version of a kit. */
export function kitCell({ tool }: SiteRun): Markup {
  return markup`<span class="version">${named(clip(tool.version, maxVersion))}</span>`;
}

const maxVersion = 24;

/** Maximum number of cases in a list. */
const maxCases = 100;

type Change = RunChanges['newlyFailing'][number];

/** Renders the changes in a run, by case and by finding. */
export function changeLists(changes: RunChanges): Markup {
  const { basis, newFindings, resolvedFindings, newlyFailing, newlyPassing, otherwise, added, removed } =
    changes;
  const isNewBasis = basis.length > 0;
  return markup`
${findingList('New findings', newFindings)}
${findingList('Resolved findings', resolvedFindings)}
${caseList('Newly failing', newlyFailing)}
${caseList('Newly passing', newlyPassing)}
${caseList('Other changes', otherwise)}
${caseList(isNewBasis ? 'Cases that only the newer run has (not a change of the target)' : 'Added', added)}
${caseList(isNewBasis ? 'Cases that only the older run has (not a change of the target)' : 'Removed', removed)}
`;
}

function caseList(title: string, changes: readonly Change[]): Markup | undefined {
  if (changes.length === 0) return undefined;
  const more = changes.length - maxCases;
  return markup`
<p class="title">${title} (${changes.length})</p>
<ul class="cases">
${changes.slice(0, maxCases).map(caseItem)}
${more > 0 ? markup`<li class="faint">and ${more} more</li>` : undefined}
</ul>
`;
}

function caseItem({ subject, clauses, before, after, reason }: Change): Markup {
  const turn = before === undefined ? after : after === undefined ? `was ${before}` : `${before} → ${after}`;
  const why = reason === '' || after === 'passed' ? undefined : markup`: ${named(reason)}`;
  return markup`<li><code>${named(subject)}</code> <span class="faint">${clauses[0]}</span> ${turn}${why}</li>`;
}

/** Renders findings, or nothing if there are none. */
export function findingList(title: string, findings: readonly FindingFacts[]): Markup | undefined {
  if (findings.length === 0) return undefined;
  const shown = findings.slice(0, maxCases).map(({ clause, summary, cases, blocked }) => {
    const amount = cases.length + blocked.length;
    return markup`<li><strong>${named(clause)}</strong> ${named(summary)} <span class="faint">(${amount} ${amount === 1 ? 'case' : 'cases'})</span></li>`;
  });
  const more = findings.length - maxCases;
  return markup`<p class="title">${title} (${findings.length})</p><ul class="cases">${shown}${more > 0 ? markup`<li class="faint">and ${more} more</li>` : undefined}</ul>`;
}

/** Renders the note that two runs were judged differently, or nothing. */
export function basisNote({ changes }: HistoryEntry): Markup | undefined {
  if (changes === undefined || changes.basis.length === 0) return undefined;
  return markup`<span class="basis-note">${changes.basis.join(', ')}</span>`;
}
