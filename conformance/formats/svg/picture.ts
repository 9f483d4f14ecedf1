import { clip, oneLine } from '../../text/text.ts';
import { attributes, escapeText } from '../junit/xml.ts';
import { type Picture, type PictureCell, type Tone, tones } from '../picture.ts';

/** Sizes in pixels. */
const size = { margin: 12, label: 170, column: 240, gap: 16, row: 14, head: 64, legend: 34 } as const;
const maxCellWidth = 10;

/** Fill colours that are legible on white and on black. */
const fills: Readonly<Record<Tone, string>> = {
  good: '#2da44e',
  bad: '#e5534b',
  known: '#c69026',
  open: '#8b949e',
};
const ink = '#768390';

/**
 * Renders the cases as rows of cells, one row for each suite and one column for each implementation. Cells that prevent
 * a green run are taller, so that colours are not needed to find them. The file has no script, style or link.
 */
export function renderPicture({ columns, rows }: Picture, sentence: string): string {
  const width = 2 * size.margin + size.label + Math.max(2, columns.length) * (size.column + size.gap);
  const height = size.head + rows.length * size.row + size.legend;
  const longest = Math.max(1, ...rows.flatMap(({ cells }) => cells.map(({ length }) => length)));
  const cellWidth = Math.min(maxCellWidth, size.column / longest);
  const columnX = (index: number): number => size.margin + size.label + index * (size.column + size.gap);
  const verdict = clip(oneLine(sentence), 400);
  const frame = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` };
  const font = { 'font-family': 'system-ui, sans-serif', 'font-size': 11, fill: ink };
  return [
    `<svg ${attributes({ ...frame, role: 'img', 'aria-label': verdict, ...font })}>`,
    `<title>${escapeText(verdict)}</title>`,
    text(size.margin, 20, clip(verdict, Math.floor(width / 7)), { 'font-size': 14, 'font-weight': 600 }),
    ...columns.map((name, index) =>
      text(columnX(index), 48, clip(oneLine(name), 40), { 'font-weight': 600 }),
    ),
    ...rows.flatMap(({ suite, cells }, index) => {
      const y = size.head + index * size.row;
      const label = text(size.margin, y + 9, clip(oneLine(suite), 28));
      return [label, ...cells.map((own, at) => strip(own, { x: columnX(at), y, cellWidth }))];
    }),
    ...legend(height - 12),
    '</svg>',
    '',
  ].join('\n');
}

function strip(
  cells: readonly PictureCell[],
  { x, y, cellWidth }: { readonly x: number; readonly y: number; readonly cellWidth: number },
): string {
  return cells
    .map(({ id, standing, tone }, index) => {
      const [top, height] = tone === 'bad' ? [y, 12] : [y + 3, 6];
      const left = round(x + index * cellWidth);
      const place = { x: left, y: top, width: round(cellWidth - 1), height, fill: fills[tone] };
      return `<rect ${attributes(place)}><title>${escapeText(`${id}: ${standing}`)}</title></rect>`;
    })
    .join('');
}

function legend(y: number): readonly string[] {
  return Object.entries(tones).map(([tone, meaning], index) => {
    const x = size.margin + index * 170;
    const place = { x, y: y - 8, width: 9, height: 9, fill: fills[tone as Tone] };
    return `<rect ${attributes(place)}/>${text(x + 14, y, meaning)}`;
  });
}

function text(x: number, y: number, content: string, more: Parameters<typeof attributes>[0] = {}): string {
  return `<text ${attributes({ x, y, ...more })}>${escapeText(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
