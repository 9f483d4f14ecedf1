import type { ReportFormat } from '../format.ts';
import { renderMatrixJunit } from './matrix.ts';
import { renderProtoJunit } from './proto.ts';
import { renderJunit } from './run.ts';

/** JUnit XML, for CI systems. */
export const junit: ReportFormat = {
  render(subject) {
    switch (subject.kind) {
      case 'matrix':
        return renderMatrixJunit(subject);
      case 'proto-check':
        return renderProtoJunit(subject);
      default:
        return renderJunit(subject);
    }
  },
};
