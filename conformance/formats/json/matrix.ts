import { sideBySide } from '../../matrix/answers.ts';
import type { MatrixReport } from '../../matrix/matrix.ts';
import { standingOf } from '../../report/summary.ts';
import { reportDocument } from './run.ts';

/** The version of the form, `matrix.v1.schema.json`. Members may be added in 1.x. */
const reportSchemaVersion = '1.1';

/** A matrix as JSON, for `conformance/schemas/matrix.v1.schema.json`. Ends in a line feed. */
export function renderMatrixJson(matrix: MatrixReport): string {
  const { tool, level, verdict, implementations } = matrix;
  const byName = <T, U>(items: readonly T[], value: (item: T & {}) => U): Record<string, U> =>
    Object.fromEntries(
      implementations.flatMap(({ name }, index) => {
        const item = items[index];
        return item === undefined || item === null ? [] : [[name, value(item)]];
      }),
    );
  const document = {
    schemaVersion: reportSchemaVersion,
    kind: 'matrix',
    tool,
    startedAt: new Date(matrix.startedAt).toISOString(),
    durationMs: Math.round(matrix.durationMs),
    level,
    verdict,
    clauses: matrix.clauseRows.map(({ id, clause, standings }) => ({
      clause: id,
      level: clause?.level ?? 'unknown',
      weight: clause?.weight ?? 'unknown',
      standings: byName(standings, (standing) => standing),
    })),
    cases: matrix.cases.map(({ case: head, agreement, results }) => ({
      id: head.id,
      clauses: head.clauses,
      agreement,
      standings: byName(results, standingOf),
    })),
    disagreements: matrix.cases
      .filter(({ agreement }) => agreement === 'disagreement')
      .map((row) => {
        const { answers, rows } = sideBySide(row, implementations);
        return {
          case: row.case.id,
          answers,
          differences: rows.map(({ path, expected, actual }) => ({
            path,
            expected,
            actual: byName(actual, (text) => text),
          })),
        };
      }),
    implementations: implementations.map(({ name, report }) => ({ name, report: reportDocument(report) })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
