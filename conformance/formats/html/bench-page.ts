import type { BenchReport } from '../../bench/report.ts';
import { benchDocument } from '../json/bench.ts';
import type { BenchPage, BenchReportJson } from './data/bench.ts';
import { pageSchemaVersion } from './data/index.ts';
import { renderHtmlPage } from './page.ts';

/** Makes the page of a benchmark. */
export function benchPage(report: BenchReport): BenchPage {
  return {
    kind: 'bench',
    schemaVersion: pageSchemaVersion,
    report: benchDocument(report) as BenchReportJson,
  };
}

/** Renders a benchmark as a page. */
export function renderBenchHtml(report: BenchReport): string {
  return renderHtmlPage(benchPage(report));
}
