import type { Palette } from '../report/palette.ts';
import { preventsGreen } from '../report/summary.ts';
import { cut, oneLine } from '../text/text.ts';
import type { Change, Comparison, EraOutcome } from './compare.ts';

/** Maximum number of rows in a list. */
const maxRows = 200;

/** Renders a comparison for people. Lines have no line endings. */
export function comparisonLines(comparison: Comparison, palette: Palette): readonly string[] {
  const { newlyFailing, newlyPassing, added, removed, otherwise, remarks, isWorse } = comparison;
  const lists: readonly (readonly [string, readonly Change[], (text: string) => string])[] = [
    ['newly failing', newlyFailing, palette.bad],
    ['newly passing', newlyPassing, palette.good],
    ['new', added, added.some(({ after }) => preventsGreen(after)) ? palette.bad : palette.strong],
    ['removed', removed, palette.caution],
    ['other changes', otherwise, palette.caution],
  ];
  const colour = isWorse ? palette.bad : palette.good;
  return [
    ...remarks.map((remark) => palette.caution(`note: ${oneLine(cut(remark, 400))}`)),
    ...(remarks.length > 0 ? [''] : []),
    ...eraLines(comparison, palette),
    ...lists.flatMap(([title, changes, colouring]) => listLines(title, changes, { palette, colouring })),
    palette.strong(colour(summaryOf(comparison))),
  ];
}

/** Returns the counts in one line: `1 newly failing, 2 newly passing, 3 new, 0 removed, 293 unchanged`. */
export function summaryOf(comparison: Comparison): string {
  const { newlyFailing, newlyPassing, added, removed, otherwise, unchanged } = comparison;
  const failing = added.filter(({ after }) => preventsGreen(after)).length;
  return [
    `${newlyFailing.length} newly failing`,
    `${newlyPassing.length} newly passing`,
    `${added.length} new${failing > 0 ? ` (${failing} failing)` : ''}`,
    `${removed.length} removed`,
    ...(otherwise.length > 0 ? [`${otherwise.length} other changes`] : []),
    `${unchanged} unchanged`,
  ].join(', ');
}

/** Renders the outcome in each era, before and after. */
function eraLines({ eras }: Comparison, palette: Palette): readonly string[] {
  if (eras.length === 0) return [];
  const texts = eras.map(({ implementation, era, before, after }) => ({
    name: oneLine([implementation, era].filter((part) => part !== undefined).join('  ')),
    turn: `${outcomeText(before)} → ${outcomeText(after)}`,
  }));
  const width = Math.max(...texts.map(({ name }) => name.length));
  return [palette.strong('eras'), ...texts.map(({ name, turn }) => `  ${name.padEnd(width)}  ${turn}`), ''];
}

function outcomeText(outcome: EraOutcome | undefined): string {
  if (outcome === undefined) return 'not checked';
  const { passed, cases, clauses } = outcome;
  const held = clauses === undefined ? '' : `, ${clauses.held} of ${clauses.checked} clauses held`;
  return `${passed} of ${cases} cases passed${held}`;
}

function listLines(
  title: string,
  changes: readonly Change[],
  { palette, colouring }: { readonly palette: Palette; readonly colouring: (text: string) => string },
): readonly string[] {
  if (changes.length === 0) return [];
  const shown = changes.slice(0, maxRows);
  const names = shown.map(({ implementation, subject }) =>
    oneLine(implementation === undefined ? subject : `${implementation}  ${subject}`),
  );
  const width = Math.max(...names.map((name) => name.length));
  const clauseWidth = Math.max(...shown.map(({ clauses }) => clauses[0]?.length ?? 0));
  const rows = shown.map(({ clauses, before, after, reason }, index) => {
    const turn =
      before === undefined ? `${after}` : after === undefined ? `was ${before}` : `${before} → ${after}`;
    const why = reason === '' || after === 'passed' ? '' : `: ${oneLine(cut(reason, 300))}`;
    const clause = clauseWidth === 0 ? '' : `  ${(clauses[0] ?? '').padEnd(clauseWidth)}`;
    return `  ${(names[index] ?? '').padEnd(width)}${clause}  ${turn}${why}`.trimEnd();
  });
  const more = changes.length - shown.length;
  return [
    palette.strong(colouring(`${title} (${changes.length})`)),
    ...rows,
    ...(more > 0 ? [palette.faint(`  … and ${more} more`)] : []),
    '',
  ];
}
