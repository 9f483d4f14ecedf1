import type { ReportFormat } from '../format.ts';
import { comparePage } from './compare-page.ts';
import { matrixPage } from './matrix-page.ts';
import { renderHtmlPage } from './page.ts';
import { protoPage } from './proto-page.ts';
import { runPage } from './run-page.ts';

/** HTML: one self-contained file with an app, for people. */
export const html: ReportFormat = {
  run: (report) => renderHtmlPage(runPage(report)),
  matrix: (matrix) => renderHtmlPage(matrixPage(matrix)),
  compare: (report) => renderHtmlPage(comparePage(report)),
  proto: (report) => renderHtmlPage(protoPage(report)),
};
