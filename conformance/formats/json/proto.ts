import type { ProtoReport, TouchedImplementation } from '../../proto-check/report.ts';
import { matrixDocument } from './matrix.ts';
import { jsonText } from './run.ts';

/** Version of `proto-check.v1.schema.json`. Minor versions may add members. */
const reportSchemaVersion = '1.2';

/**
 * Renders a proto check as JSON that conforms to `conformance/schemas/proto-check.v1.schema.json`. Ends in a line
 * feed.
 */
export function renderProtoJson(report: ProtoReport): string {
  return jsonText(protoDocument(report));
}

/** Returns the proto check as a JSON value, for embedding in other reports. */
export function protoDocument(report: ProtoReport): object {
  const { tool, durationMs, check, breaks, touched, matrix, verdict } = report;
  const touches = (all: readonly TouchedImplementation[]) =>
    all.map(({ name, touch }) => ({ name, ...touch }));
  return {
    schemaVersion: reportSchemaVersion,
    kind: 'proto-check',
    tool,
    durationMs: Math.round(durationMs),
    module: check.module,
    against: check.against,
    verdict,
    lint: check.lint,
    added: check.added,
    breaks: breaks.map(({ found, implementations }) => {
      const { layer, file, line, column, name, rules, message, clauses } = found;
      const vectors = found.vectors.map((vector) => vector.name);
      const head = { layer, file, line, column, element: name, rules, message, clauses, vectors };
      return { ...head, implementations: touches(implementations) };
    }),
    vectors: check.vectors,
    touched: touches(touched),
    matrix: matrix && matrixDocument(matrix),
  };
}
