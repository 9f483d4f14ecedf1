import { renderProtoJson, renderProtoJunit, renderProtoMarkdown } from '../../proto-check/render.ts';
import type { ProtoReport } from '../../proto-check/report.ts';
import { renderProblems } from '../../report/github.ts';
import type { Publication } from '../publish.ts';
import type { ReportKind } from '../report-request.ts';

const renderers: Readonly<Record<ReportKind, (report: ProtoReport) => string>> = {
  json: renderProtoJson,
  junit: renderProtoJunit,
  markdown: renderProtoMarkdown,
};

/** The reports of a check of the proto module; annotations stand at its lines. */
export function publicationOfProto(report: ProtoReport): Publication {
  const { breaks, lint } = report.check;
  return {
    render: (kind) => renderers[kind](report),
    annotations: () =>
      renderProblems([
        ...breaks.map((found) => ({ ...found, title: `${found.layer} break ${found.name}`.trimEnd() })),
        ...lint.map((finding) => ({ ...finding, title: finding.rule })),
      ]),
  };
}
