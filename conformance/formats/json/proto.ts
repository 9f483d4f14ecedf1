import type { ProtoReport, TouchedImplementation } from '../../proto-check/report.ts';
import { renderMatrixJson } from './matrix.ts';

/** The version of the form, `proto-check.v1.schema.json`. Members may be added in 1.x. */
const reportSchemaVersion = '1.0';

/** A proto check as JSON, for `conformance/schemas/proto-check.v1.schema.json`. Ends in a line feed. */
export function renderProtoJson({
  tool,
  durationMs,
  check,
  breaks,
  touched,
  matrix,
  verdict,
}: ProtoReport): string {
  const document = {
    schemaVersion: reportSchemaVersion,
    kind: 'proto-check',
    tool,
    durationMs: Math.round(durationMs),
    module: check.module,
    against: check.against,
    verdict,
    lint: check.lint,
    breaks: breaks.map(({ found, implementations }) => {
      const { layer, file, line, column, name, rules, message, clauses, vectors } = found;
      return {
        layer,
        file,
        line,
        column,
        element: name,
        rules,
        message,
        clauses,
        vectors: vectors.map((vector) => vector.name),
        implementations: implementations.map(touchDocument),
      };
    }),
    vectors: check.vectors,
    touched: touched.map(touchDocument),
    matrix: matrix === undefined ? undefined : JSON.parse(renderMatrixJson(matrix)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function touchDocument({ name, touch }: TouchedImplementation): object {
  return { name, ...touch };
}
