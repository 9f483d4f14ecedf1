import type { RunDocument } from '../../compare/document.ts';
import type { RunReportJson } from '../../formats/html/data/report.ts';
import { renderHtmlPage } from '../../formats/html/page.ts';
import { pageOfJson } from '../../formats/html/run-page.ts';

/**
 * Renders the JSON report of a run as an HTML file, as its kit judged it.
 * @throws AppMissingError if the kit was not built
 */
export function htmlReport(document: RunDocument): string {
  // Both types describe `report.v1.schema.json`, which the document was validated against.
  return renderHtmlPage(pageOfJson(document as unknown as RunReportJson));
}
