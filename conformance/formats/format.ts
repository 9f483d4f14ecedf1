import type { MatrixReport } from '../matrix/matrix.ts';
import type { ProtoReport } from '../proto-check/report.ts';
import type { Report } from '../report/report.ts';

/** Whatever a report can be about: a run against one target, several side by side, a change of the proto module. */
export type ReportSubject = Report | MatrixReport | ProtoReport;

/** A form that a report can be written in. Each renders a whole report as text, which ends in a line feed. */
export interface ReportFormat {
  readonly run: (report: Report) => string;
  readonly matrix: (matrix: MatrixReport) => string;
  readonly proto: (report: ProtoReport) => string;
}
