import type { MatrixReport } from '../matrix/matrix.ts';
import type { ProtoReport } from '../proto-check/report.ts';
import type { Report } from '../report/report.ts';

/** Whatever a report can be about: a run against one target, several side by side, a change of the proto module. */
export type ReportSubject = Report | MatrixReport | ProtoReport;

/** A form that a report can be written in. Each folder beside this file exports one. */
export interface ReportFormat {
  /** The whole report as text. It ends in a line feed. */
  render(subject: ReportSubject): string;
}
