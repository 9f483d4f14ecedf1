import { linearScale } from './scale.ts';

/** One bin of a histogram. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The bins of a histogram and the words of its axis. */
export interface HistogramOptions {
  /** What the histogram shows, for assistive technology. */
  readonly label: string;
  readonly bins: readonly Bin[];
  readonly xLabel: string;
  /** Formats a value of the axis. Default: as a number. */
  readonly format?: (value: number) => string;
}

const size = { width: 560, height: 180, left: 48, right: 12, top: 8, bottom: 40 };

/** Numbers of observations by value. All bins have the same width on the page. */
export function Histogram({ label, bins, xLabel, format = String }: HistogramOptions) {
  if (bins.length === 0) return null;
  const y = linearScale(
    [0, Math.max(...bins.map(({ count }) => count))],
    [size.height - size.bottom, size.top],
    4,
  );
  const width = (size.width - size.left - size.right) / bins.length;
  const every = Math.ceil(bins.length / 6);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
    <div class="chart chart-scroll" tabIndex={0}>
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        width={size.width}
        height={size.height}
        role="img"
        aria-label={label}
      >
        {y.ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={size.left} x2={size.width - size.right} y1={y.of(tick)} y2={y.of(tick)} />
            <text class="tick end" x={size.left - 8} y={y.of(tick) + 4}>
              {tick}
            </text>
          </g>
        ))}
        {bins.map(({ from, to, count }, index) => (
          <g key={from} class="paint-0">
            <rect
              class="dot"
              x={size.left + index * width + 1}
              y={y.of(count)}
              width={Math.max(1, width - 2)}
              height={Math.max(0, y.of(0) - y.of(count))}
            >
              <title>{`${count} from ${format(from)} to ${format(to)}`}</title>
            </rect>
            {index % every === 0 && (
              <text class="tick middle" x={size.left + index * width} y={size.height - size.bottom + 16}>
                {format(from)}
              </text>
            )}
          </g>
        ))}
        <text class="axis middle" x={(size.left + size.width) / 2} y={size.height - 6}>
          {xLabel}
        </text>
      </svg>
    </div>
  );
}
