import type { CompareReport } from '../compare/report.ts';
import type { MatrixReport } from '../matrix/matrix.ts';
import type { ProtoReport } from '../proto-check/report.ts';
import type { Report } from '../report/report.ts';

/**
 * The subject of a report: a run against one target, a matrix of several, a comparison of two reports, or a check of
 * the proto module.
 */
export type ReportSubject = Report | MatrixReport | CompareReport | ProtoReport;

/** A report format. Each method renders a whole report as text that ends in a line feed. */
export interface ReportFormat {
  readonly run: (report: Report) => string;
  readonly matrix: (matrix: MatrixReport) => string;
  readonly compare: (report: CompareReport) => string;
  readonly proto: (report: ProtoReport) => string;
}
