import type { ReportFormat } from '../format.ts';
import { renderHtmlPage } from './page.ts';
import { runPage } from './run-page.ts';

/** HTML: one self-contained file with an app, for people. */
export const html: ReportFormat = {
  run: (report) => renderHtmlPage(runPage(report)),
  matrix: () => {
    throw new Error('the HTML report of a matrix is not supported yet');
  },
  proto: () => {
    throw new Error('the HTML report of a proto check is not supported yet');
  },
};
