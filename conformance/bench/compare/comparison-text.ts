import type { Comparison } from '../report.ts';

const outcomeTexts: Readonly<Record<Comparison['outcome'], string>> = {
  regression: 'a regression',
  slower: 'worse',
  faster: 'better',
  'no-difference': 'inconclusive',
};

/** Intervals beyond this factor say only that the figures are too noisy. */
const maxFactor = 100;

/**
 * Renders a comparison on one line, with the factor between the figures and its interval:
 * `echo-4k     p50         new 1.15x of old (1.12x to 1.18x)  a regression`.
 */
export function comparisonText(comparison: Comparison): string {
  const { workload, metric, variant, baseline, outcome } = comparison;
  const head = `${workload.padEnd(10)}  ${metric.padEnd(10)}  `;
  const names = variant === baseline ? '' : `${variant} `;
  const { value, low, high } = factorsOf(comparison);
  if (outcome === 'no-difference' && (high > maxFactor || low < 1 / maxFactor)) {
    return `${head}${names}${factor(value)} of ${baseline}, too noisy to tell`;
  }
  const interval = `(${factor(low)} to ${factor(high)})`;
  return `${head}${names}${factor(value)} of ${baseline} ${interval}  ${outcomeTexts[outcome]}`;
}

/** Returns the factors between the figures themselves: for throughput, less is worse. */
function factorsOf({ metric, slowdown, low, high }: Comparison) {
  if (metric !== 'throughput') return { value: 1 + slowdown, low: 1 + low, high: 1 + high };
  return { value: 1 / (1 + slowdown), low: 1 / (1 + high), high: 1 / (1 + low) };
}

function factor(value: number): string {
  return `${value.toFixed(value >= 10 ? 0 : 2)}x`;
}
