import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Scale } from './scale.ts';

/** A named line. A point without `y` interrupts it. */
export interface Line {
  readonly name: string;
  /** Ascending in `x`. */
  readonly points: readonly { readonly x: number; readonly y: number | undefined }[];
}

/** An axis with its scale and the format of its ticks. */
export interface Axis {
  readonly label: string;
  readonly scale: Scale;
  readonly format: (value: number) => string;
}

interface LineChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly x: Axis;
  readonly y: Axis;
  /** Fills the area below each line. */
  readonly filled?: boolean;
}

const height = 240;
const margin = { top: 12, right: 28, bottom: 42, left: 64 };

/**
 * A chart of lines over a common axis. A pointer or the arrow keys choose a place, whose values appear in the legend.
 */
export function LineChart({ title, lines, x, y, filled = false }: LineChartProps) {
  const [figure, width] = useWidth();
  const [chosen, choose] = useState<number | undefined>(undefined);
  const id = useId();
  const inner = {
    width: Math.max(60, width - margin.left - margin.right),
    height: height - margin.top - margin.bottom,
  };
  const px = (value: number): number => margin.left + x.scale.at(value) * inner.width;
  const py = (value: number): number => margin.top + (1 - y.scale.at(value)) * inner.height;
  const places = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (one, other) => one - other,
  );
  const place = chosen === undefined ? undefined : places[chosen];
  const valueAt = (line: Line): string => {
    if (place === undefined) return '';
    const point = line.points.findLast((each) => each.x <= place);
    return point?.y === undefined ? '–' : y.format(point.y);
  };
  const readout =
    place === undefined
      ? `${lines.length} lines; the arrow keys choose a place`
      : `${x.format(place)}: ${lines.map((line) => `${line.name} ${valueAt(line)}`).join(', ')}`;
  const onPointer = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * width;
    const distances = places.map((each) => Math.abs(px(each) - at));
    choose(distances.indexOf(Math.min(...distances)));
  };
  const onKey = (event: KeyboardEvent): void => {
    const last = places.length - 1;
    const now = chosen ?? -1;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: Math.min(last, now + 1),
      ArrowLeft: Math.max(0, now - 1),
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (event.key === 'Escape') choose(undefined);
    if (target === undefined) return;
    event.preventDefault();
    choose(target);
  };
  return (
    <figure class="chart" ref={figure} aria-labelledby={id}>
      <figcaption id={id}>{title}</figcaption>
      <div
        role="slider"
        class="chart-place-slider"
        aria-label={`${title}: ${x.label}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, places.length - 1)}
        aria-valuenow={chosen ?? 0}
        aria-valuetext={readout}
        tabIndex={0}
        onPointerMove={onPointer}
        onPointerLeave={() => choose(undefined)}
        onKeyDown={onKey}
        onBlur={() => choose(undefined)}
      >
        <svg aria-hidden="true" viewBox={`0 0 ${width} ${height}`} height={height}>
          <g class="chart-grid">
            {y.scale.ticks.map((tick) => (
              <g key={tick}>
                <line x1={margin.left} x2={margin.left + inner.width} y1={py(tick)} y2={py(tick)} />
                <text x={margin.left - 8} y={py(tick) + 4} text-anchor="end">
                  {y.format(tick)}
                </text>
              </g>
            ))}
            {spaced(x.scale.ticks, px, 56).map((tick) => (
              <g key={tick}>
                <line x1={px(tick)} x2={px(tick)} y1={margin.top} y2={margin.top + inner.height} />
                <text x={px(tick)} y={margin.top + inner.height + 16} text-anchor="middle">
                  {x.format(tick)}
                </text>
              </g>
            ))}
            <text class="chart-axis" x={margin.left + inner.width} y={height - 6} text-anchor="end">
              {x.label}
            </text>
          </g>
          {lines.map((line, index) => (
            <g key={line.name} class={`chart-line tone-${index % 6}`}>
              {filled && <path class="chart-area" d={areaPath(line, px, py, margin.top + inner.height)} />}
              <path d={linePath(line, px, py)} />
              {place !== undefined &&
                line.points
                  .filter((point) => point.x === place && point.y !== undefined)
                  .map((point) => <circle key={point.x} cx={px(point.x)} cy={py(point.y ?? 0)} r={3.5} />)}
            </g>
          ))}
          {place !== undefined && (
            <line
              class="chart-cursor"
              x1={px(place)}
              x2={px(place)}
              y1={margin.top}
              y2={margin.top + inner.height}
            />
          )}
        </svg>
      </div>
      <ul class="chart-legend">
        {lines.map((line, index) => (
          <li key={line.name} class={`tone-${index % 6}`}>
            <svg class="chart-key" viewBox="0 0 28 10" aria-hidden="true">
              <path class="chart-key-line" d="M0 5H28" />
            </svg>
            {line.name} <b>{valueAt(line)}</b>
          </li>
        ))}
        {place !== undefined && <li class="chart-place">at {x.format(place)}</li>}
      </ul>
    </figure>
  );
}

type Project = (value: number) => number;

function linePath({ points }: Line, px: Project, py: Project): string {
  let isDrawing = false;
  return points
    .map(({ x, y }) => {
      if (y === undefined) {
        isDrawing = false;
        return '';
      }
      const command = isDrawing ? 'L' : 'M';
      isDrawing = true;
      return `${command}${px(x).toFixed(1)} ${py(y).toFixed(1)}`;
    })
    .join('');
}

function areaPath(line: Line, px: Project, py: Project, bottom: number): string {
  const drawn = line.points.filter(({ y }) => y !== undefined);
  const [first, last] = [drawn[0], drawn.at(-1)];
  if (first === undefined || last === undefined) return '';
  return `${linePath({ ...line, points: drawn }, px, py)}L${px(last.x).toFixed(1)} ${bottom}L${px(first.x).toFixed(1)} ${bottom}Z`;
}

/** Returns the ticks that have room for their labels. */
function spaced(ticks: readonly number[], px: Project, distance: number): readonly number[] {
  let last = Number.NEGATIVE_INFINITY;
  return ticks.filter((tick) => {
    if (px(tick) - last < distance) return false;
    last = px(tick);
    return true;
  });
}

/** Returns a reference for an element and its current width, so that text in a picture keeps its size. */
export function useWidth() {
  const element = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width > 0) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}
