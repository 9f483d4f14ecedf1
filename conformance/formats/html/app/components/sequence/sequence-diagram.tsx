import { useMemo } from 'preact/hooks';
import type { WireEventJson } from '../../../data/report.ts';
import { duration } from '../../model/words.ts';
import { type Layout, layoutOf, type Row, timeWidth } from './layout.ts';

/** Characters of a row beside the lanes. */
const shownText = 90;

/** The events of a case as a sequence diagram. A table with the same events follows, with every text in full. */
export function SequenceDiagram({
  events,
  isGateway,
  label = 'Sequence diagram',
}: {
  readonly events: readonly WireEventJson[];
  readonly isGateway: boolean;
  /** Distinguishes several diagrams on a page. */
  readonly label?: string;
}) {
  const layout = useMemo(() => layoutOf(events, isGateway), [events, isGateway]);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard */}
      <section class="sequence" aria-label={label} tabIndex={0}>
        <Picture layout={layout} />
      </section>
      <details class="events">
        <summary>All {events.length} events as text</summary>
        <ol class="log">
          {events.map(({ at, call, direction, text }, index) => (
            <li key={`${index} ${at}`}>
              <span class="at">{at.toFixed(1)} ms</span>
              <span>
                {arrows[direction]} {call} {text}
              </span>
            </li>
          ))}
        </ol>
      </details>
    </>
  );
}

const arrows = { sent: '→', received: '←', local: '·' } as const;

function Picture({ layout }: { readonly layout: Layout }) {
  const { lanes, rows, width, height } = layout;
  const textX = (lanes.at(-1)?.x ?? 0) + 66;
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={summaryOf(layout)}
    >
      {lanes.map(({ name, x }) => (
        <g key={name}>
          <line class="lane" x1={x} x2={x} y1={34} y2={height} />
          <rect class="lane-head" x={x - 55} y={8} width={110} height={26} rx={4} />
          <text class="lane-name" x={x} y={25}>
            {clip(name, 18)}
          </text>
        </g>
      ))}
      {rows.map((row) => (
        <RowMarks key={row.y} row={row} layout={layout} textX={textX} />
      ))}
    </svg>
  );
}

function RowMarks({
  row,
  layout,
  textX,
}: {
  readonly row: Row;
  readonly layout: Layout;
  readonly textX: number;
}) {
  const { lanes } = layout;
  if (row.kind === 'gap') {
    const [first, last] = [lanes[0]?.x ?? 0, lanes.at(-1)?.x ?? 0];
    return (
      <g>
        <path class="gap" d={`M${first - 40} ${row.y - 4}H${last + 40}`} />
        <text class="gap-text" x={textX} y={row.y}>
          {duration(row.milliseconds)} without events
        </text>
      </g>
    );
  }
  const { event, y, paint } = row;
  const [from, to] = [lanes[row.from]?.x ?? 0, lanes[row.to]?.x ?? 0];
  const [kind = '', ...rest] = event.text.split(' ');
  return (
    <g class={`event paint-${Math.max(paint, 0)}`}>
      <title>{event.text}</title>
      <text class="time" x={timeWidth - 4} y={y}>
        {event.at.toFixed(1)} ms
      </text>
      {from === to ? (
        <circle class="head" cx={from} cy={y - 4} r={3} />
      ) : (
        <Arrow from={from} to={to} y={y - 4} />
      )}
      <text x={textX} y={y}>
        <tspan class="call">{event.call}</tspan>{' '}
        {event.direction === 'local' ? (
          <tspan class="note">{clip(event.text, shownText - event.call.length - 1)}</tspan>
        ) : (
          <>
            <tspan class="kind">{kind}</tspan>{' '}
            {clip(rest.join(' '), shownText - event.call.length - kind.length - 2)}
          </>
        )}
      </text>
    </g>
  );
}

function Arrow({ from, to, y }: { readonly from: number; readonly to: number; readonly y: number }) {
  const back = to > from ? -7 : 7;
  return (
    <>
      <path class="arrow" d={`M${from} ${y}H${to + back}`} />
      <path class="head" d={`M${to} ${y}l${back} -4v8z`} />
    </>
  );
}

function summaryOf({ rows, lanes }: Layout): string {
  const events = rows.filter(({ kind }) => kind === 'event').length;
  return `${events} events between ${lanes.map(({ name }) => name).join(' and ')}`;
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}
