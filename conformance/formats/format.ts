import type { MatrixReport } from '../matrix/matrix.ts';
import type { ProtoReport } from '../proto-check/report.ts';
import type { Report } from '../report/report.ts';

/** The subject of a report: a run against one target, a matrix of several, or a check of the proto module. */
export type ReportSubject = Report | MatrixReport | ProtoReport;

/** A report format. Each method renders a whole report as text that ends in a line feed. */
export interface ReportFormat {
  readonly run: (report: Report) => string;
  readonly matrix: (matrix: MatrixReport) => string;
  readonly proto: (report: ProtoReport) => string;
}
