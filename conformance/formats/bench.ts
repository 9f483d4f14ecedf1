import type { BenchReport } from '../bench/report.ts';

/** Renders a benchmark as text that ends in a line feed. */
type RenderBench = (report: BenchReport) => string;

/** The report formats of a benchmark by their name in `--report NAME=FILE`. Each one is loaded on first use. */
const formats: Readonly<Record<string, () => Promise<RenderBench>>> = {
  json: async () => (await import('./json/bench.ts')).renderBenchJson,
  markdown: async () => (await import('./markdown/bench.ts')).renderBenchMarkdown,
  html: async () => (await import('./html/bench-page.ts')).renderBenchHtml,
};

/** The names of the formats of a benchmark, in the order of the help text. */
export const benchFormatNames: readonly string[] = Object.keys(formats);

/** Renders a benchmark in the named format. */
export async function renderBench(report: BenchReport, name: string): Promise<string> {
  const render = await formats[name]?.();
  if (render === undefined) throw new Error(`unknown report format of a benchmark: ${name}`);
  return render(report);
}
