import { linearScale } from './scale.ts';

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The lines of a chart and the words of its axes. */
export interface LineChartOptions {
  /** What the chart shows, for assistive technology. */
  readonly label: string;
  readonly series: readonly Series[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** Formats a value of an axis. Default: as a number. */
  readonly format?: (value: number) => string;
}

const size = { width: 560, height: 240, left: 64, right: 16, top: 12, bottom: 40 };

/** Lines over a common axis that begins at zero. The legend names them, and their ends have markers. */
export function LineChart({ label, series, xLabel, yLabel, format = String }: LineChartOptions) {
  const all = series.flatMap(({ points }) => points);
  if (all.length === 0) return null;
  const xs = all.map(([x]) => x);
  const x = linearScale([Math.min(...xs), Math.max(...xs)], [size.left, size.width - size.right]);
  const y = linearScale(
    [0, Math.max(...all.map(([, value]) => value))],
    [size.height - size.bottom, size.top],
  );
  return (
    <figure class="chart">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard */}
      <div class="chart-scroll" tabIndex={0}>
        <svg
          viewBox={`0 0 ${size.width} ${size.height}`}
          width={size.width}
          height={size.height}
          role="img"
          aria-label={label}
        >
          {y.ticks.map((tick) => (
            <g key={tick}>
              <line
                class="grid"
                x1={size.left}
                x2={size.width - size.right}
                y1={y.of(tick)}
                y2={y.of(tick)}
              />
              <text class="tick end" x={size.left - 8} y={y.of(tick) + 4}>
                {format(tick)}
              </text>
            </g>
          ))}
          {x.ticks.map((tick) => (
            <text key={tick} class="tick middle" x={x.of(tick)} y={size.height - size.bottom + 16}>
              {tick}
            </text>
          ))}
          <text class="axis middle" x={(size.left + size.width) / 2} y={size.height - 6}>
            {xLabel}
          </text>
          {series.map(({ name, points }, index) => (
            <g key={name} class={`paint-${index % 6}`}>
              <polyline class="line" points={points.map(([px, py]) => `${x.of(px)},${y.of(py)}`).join(' ')} />
              {points.map(([px, py]) => (
                <circle key={px} class="dot" cx={x.of(px)} cy={y.of(py)} r={3}>
                  <title>{`${name}: ${format(py)} at ${px}`}</title>
                </circle>
              ))}
            </g>
          ))}
        </svg>
      </div>
      <figcaption>
        <ul class="legend">
          <li>{yLabel}</li>
          {series.map(({ name }, index) => (
            <li key={name} class={`paint-${index % 6}`}>
              <span class="swatch paint" />
              {name}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}
