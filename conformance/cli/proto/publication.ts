import { renderProtoJson } from '../../proto-check/json.ts';
import { renderProtoJunit } from '../../proto-check/junit.ts';
import { renderProtoMarkdown } from '../../proto-check/markdown.ts';
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
