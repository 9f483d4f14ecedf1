import { useWidth } from './line-chart.tsx';
import type { Scale } from './scale.ts';

/** A value with its confidence interval. */
export interface Interval {
  readonly label: string;
  readonly low: number;
  readonly value: number;
  readonly high: number;
  readonly tone: 'good' | 'bad' | 'neutral';
  /** The value in words, with its interval. */
  readonly text: string;
}

interface IntervalChartProps {
  readonly title: string;
  readonly intervals: readonly Interval[];
  readonly scale: Scale;
  readonly format: (value: number) => string;
}

const rowHeight = 26;
const margin = { top: 6, right: 30, bottom: 22, left: 30 };

/** Confidence intervals below each other over a common axis, with a line at 0. The text beside each has the figures. */
export function IntervalChart({ title, intervals, scale, format }: IntervalChartProps) {
  const [figure, width] = useWidth();
  const inner = Math.max(60, width - margin.left - margin.right);
  const height = margin.top + margin.bottom + 10;
  const px = (value: number): number => margin.left + scale.at(value) * inner;
  return (
    <figure class="chart" ref={figure}>
      <figcaption>{title}</figcaption>
      <ul class="intervals">
        {intervals.map(({ label, low, value, high, tone, text }) => (
          <li key={label} class={`interval interval-${tone}`}>
            <span class="interval-label">{label}</span>
            <span class="interval-text">{text}</span>
            <svg viewBox={`0 0 ${width} ${rowHeight}`} height={rowHeight} aria-hidden="true">
              <line class="interval-zero" x1={px(0)} x2={px(0)} y1={0} y2={rowHeight} />
              <line class="interval-range" x1={px(low)} x2={px(high)} y1={rowHeight / 2} y2={rowHeight / 2} />
              <circle cx={px(value)} cy={rowHeight / 2} r={5} />
            </svg>
          </li>
        ))}
      </ul>
      <svg viewBox={`0 0 ${width} ${height}`} height={height} aria-hidden="true">
        <g class="chart-grid">
          {scale.ticks.map((tick) => (
            <text key={tick} x={px(tick)} y={margin.top + 16} text-anchor="middle">
              {format(tick)}
            </text>
          ))}
        </g>
      </svg>
    </figure>
  );
}
