import { type Markup, markup } from './markup.ts';
import type { SiteRun } from './site-run.ts';

/** A measure of a run, and the number that it could reach. */
interface Measure {
  readonly title: string;
  readonly reached: { readonly name: string; readonly of: (run: SiteRun) => number };
  readonly possible: { readonly name: string; readonly of: (run: SiteRun) => number };
}

const measures = {
  clauses: {
    title: 'Clauses held',
    reached: { name: 'held', of: ({ clauses }) => clauses.held },
    possible: { name: 'applicable', of: ({ clauses }) => clauses.checked },
  },
  cases: {
    title: 'Cases passed',
    reached: { name: 'passed', of: ({ cases }) => cases.passed },
    possible: { name: 'selected', of: ({ cases }) => cases.total },
  },
} satisfies Readonly<Record<string, Measure>>;

const size = { width: 520, height: 210, left: 40, right: 104, top: 36, bottom: 28 } as const;
/** Up to this number of runs, each has a mark. */
const maxMarks = 60;
/** Minimum distance between texts, in the units of the picture. */
const lineHeight = 13;
const labelWidth = 62;

/**
 * Draws a measure by run, the oldest first. Dotted lines mark a change of the kit or of the contract. Returns undefined
 * for fewer than two runs.
 */
export function trendOf(name: keyof typeof measures, runs: readonly SiteRun[]): Markup | undefined {
  const measure: Measure = measures[name];
  const tested = runs.filter(({ conclusion }) => conclusion !== 'not tested');
  if (tested.length < 2) return undefined;
  const { width, height, left, right, top, bottom } = size;
  const ticks = ticksFor(tested.flatMap((run) => [measure.reached.of(run), measure.possible.of(run)]));
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const x = (place: number) => round(left + (place / (runs.length - 1)) * (width - left - right));
  const y = (value: number) => round(top + (1 - (value - low) / (high - low)) * (height - top - bottom));
  const line = (of: Measure['reached']['of']) =>
    runs
      .flatMap((run, place) => (run.conclusion === 'not tested' ? [] : [`${x(place)},${y(of(run))}`]))
      .join(' ');
  const last = tested.at(-1);
  const marks = runs.length > maxMarks ? [] : runs;
  return markup`
<svg class="trend" viewBox="0 0 ${width} ${height}" role="img" aria-label="${describe(measure, tested)}">
<text class="heading" x="${left}" y="14">${measure.title}</text>
${ticks.map((tick) => markup`<line class="grid" x1="${left}" x2="${width - right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="axis" x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`)}
${basisMarks(runs, x)}
<polyline class="possible" points="${line(measure.possible.of)}"/>
<polyline class="reached" points="${line(measure.reached.of)}"/>
${marks.map((run, place) => markOf(run, measure, [x(place), run.conclusion === 'not tested' ? y(low) : y(measure.reached.of(run))]))}
${last && endLabels(last, measure, y)}
${dateLabels(runs, x)}
</svg>
`;
}

function describe({ title, reached, possible }: Measure, runs: readonly SiteRun[]): string {
  const values = (run: SiteRun | undefined) => (run ? `${reached.of(run)} of ${possible.of(run)}` : '');
  return `${title} in ${runs.length} runs: from ${values(runs[0])} to ${values(runs.at(-1))}`;
}

function markOf(run: SiteRun, { reached, possible }: Measure, [x, y]: readonly [number, number]): Markup {
  const date = run.startedAt.slice(0, 10);
  if (run.conclusion === 'not tested') {
    return markup`<text class="axis" x="${x}" y="${y}" text-anchor="middle">×<title>${date}: not tested</title></text>`;
  }
  const [value, most] = [reached.of(run), possible.of(run)];
  const kind = value === most ? 'mark' : 'mark short';
  return markup`<circle class="${kind}" cx="${x}" cy="${y}" r="3.5"><title>${date}: ${value} of ${most} ${reached.name}</title></circle>`;
}

/** Draws a line where the kit or the contract changed. Its label is left out if the one before is too near. */
function basisMarks(runs: readonly SiteRun[], x: (place: number) => number): readonly Markup[] {
  let free = 0;
  return runs.flatMap((run, place) => {
    const before = runs[place - 1];
    if (before === undefined) return [];
    const kit = before.tool.version === run.tool.version ? undefined : `kit ${run.tool.version}`;
    const isNewRelease =
      before.release !== undefined && run.release !== undefined && before.release !== run.release;
    const text = kit ?? (isNewRelease ? `contract ${run.release}` : undefined);
    if (text === undefined) return [];
    const at = round((x(place - 1) + x(place)) / 2);
    const isFree = at >= free;
    if (isFree) free = at + labelWidth;
    const label =
      isFree &&
      markup`<text class="axis" x="${at}" y="${size.top - 4}" text-anchor="middle">${text.slice(0, 14)}</text>`;
    return [
      markup`<g class="basis"><title>${text}</title><line x1="${at}" x2="${at}" y1="${size.top}" y2="${size.height - size.bottom}"/>${label || undefined}</g>`,
    ];
  });
}

function endLabels(run: SiteRun, { reached, possible }: Measure, y: (value: number) => number): Markup {
  const x = size.width - size.right + 10;
  const [value, most] = [reached.of(run), possible.of(run)];
  if (value === most)
    return markup`<text class="end" x="${x}" y="${y(value) + 4}">${value} ${reached.name}</text>`;
  const above = y(most);
  const below = Math.max(y(value), above + lineHeight);
  return markup`<text class="end faint" x="${x}" y="${above + 4}">${most} ${possible.name}</text><text class="end" x="${x}" y="${below + 4}">${value} ${reached.name}</text>`;
}

function dateLabels(runs: readonly SiteRun[], x: (place: number) => number): readonly Markup[] {
  const label = (place: number, anchor: string) => {
    const date = runs[place]?.startedAt.slice(0, 10);
    return markup`<text class="axis" x="${x(place)}" y="${size.height - 8}" text-anchor="${anchor}">${date}</text>`;
  };
  return [label(0, 'start'), label(runs.length - 1, 'end')];
}

/** Returns up to six round values that include all values. The first is the lowest and the last the highest. */
function ticksFor(values: readonly number[]): readonly number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const step = steps.find((each) => (most - least) / each <= 4) ?? 10_000;
  const low = Math.max(0, Math.floor(least / step) * step - (most === least ? step : 0));
  const high = Math.max(low + step, Math.ceil(most / step) * step);
  return Array.from({ length: (high - low) / step + 1 }, (_, place) => low + place * step);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Draws the share of passed cases by run as a small line without labels, for a table that has the numbers. */
export function sparkline(runs: readonly SiteRun[]): Markup | undefined {
  const tested = runs.filter(({ cases }) => cases.total > 0).slice(-40);
  if (tested.length < 2) return undefined;
  const shares = tested.map(({ cases }) => cases.passed / cases.total);
  const low = Math.min(0.9, ...shares);
  const points = shares.map((share, place) => {
    const [x, y] = [2 + (place / (tested.length - 1)) * 92, 2 + ((1 - share) / (1 - low)) * 20];
    return { x: round(x), y: round(y) };
  });
  const end = points.at(-1);
  return markup`<svg class="spark" viewBox="0 0 96 24" width="96" height="24" aria-hidden="true"><polyline class="reached" points="${points.map(({ x, y }) => `${x},${y}`).join(' ')}"/><circle class="mark" cx="${end?.x}" cy="${end?.y}" r="2.5"/></svg>`;
}
