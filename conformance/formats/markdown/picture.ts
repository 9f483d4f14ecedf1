import type { MatrixReport } from '../../matrix/matrix.ts';
import type { Report } from '../../report/report.ts';
import { countStandings, countsInWords } from '../../report/summary.ts';
import { type PictureCell, pictureOf, type Tone, tones } from '../picture.ts';
import { folded, inline, table } from './markup.ts';

const squares: Readonly<Record<Tone, string>> = { bad: '🟥', known: '🟨', open: '⬜', good: '🟩' };
/** Number of squares for a whole suite. */
const stripLength = 10;

/**
 * Renders the cases by suite and implementation as strips of coloured squares, because GitHub shows neither SVG nor
 * data URIs in Markdown. Suites that all implementations passed are one row, and in full below.
 */
export function pictureLines(subject: Report | MatrixReport): readonly string[] {
  const { columns, rows } = pictureOf(subject);
  if (rows.length === 0) return [];
  const isGreen = (cells: readonly (readonly PictureCell[])[]) =>
    cells.every((own) => own.every(({ tone }) => tone === 'good'));
  const passed = rows.filter(({ cells }) => isGreen(cells));
  const joined = passed.length > 1 ? passed : [];
  const others = rows.filter((row) => !joined.includes(row));
  const rest = others.length === 0 ? 'all suites' : 'all other suites';
  const head = ['Suite', ...(subject.kind === 'matrix' ? columns.map(inline) : ['Cases'])];
  const lineOf = ({ suite, cells }: (typeof rows)[number]) => [inline(suite), ...cells.map(strip)];
  const sum = columns.map((_, index) => strip(joined.flatMap(({ cells }) => cells[index] ?? [])));
  const shown = [
    ...others.map(lineOf),
    ...(joined.length === 0 ? [] : [[`${rest} (${joined.length})`, ...sum]]),
  ];
  const legend = Object.entries(tones).map(([tone, meaning]) => `${squares[tone as Tone]} ${meaning}`);
  return [
    ...table(head, shown),
    '',
    legend.join(' · '),
    ...(joined.length === 0 ? [] : folded('All suites', table(head, rows.map(lineOf)))),
  ];
}

/** Renders the shares of the tones in a suite, with the counts. Each tone that occurs has at least one square. */
function strip(cells: readonly PictureCell[]): string {
  if (cells.length === 0) return '';
  const amounts = (Object.keys(tones) as Tone[])
    .map((tone) => ({ tone, amount: cells.filter((cell) => cell.tone === tone).length }))
    .filter(({ amount }) => amount > 0);
  const length = Math.min(stripLength, cells.length);
  const shares = amounts.map(({ tone, amount }) => {
    return { tone, squares: Math.max(1, Math.floor((amount / cells.length) * length)) };
  });
  // The largest share takes the difference that rounding leaves.
  const sum = shares.reduce((total, share) => total + share.squares, 0);
  const largest = shares.toSorted((one, other) => other.squares - one.squares)[0];
  const drawn = shares
    .map((share) => squares[share.tone].repeat(share.squares + (share === largest ? length - sum : 0)))
    .join('');
  const words = countsInWords(countStandings(cells.map(({ standing }) => standing)));
  return `${drawn} ${words || 'not tested'}`;
}
