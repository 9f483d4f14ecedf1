import { erasOf } from '../../case/era.ts';
import { sideBySide } from '../../matrix/answers.ts';
import { standingsByEra } from '../../matrix/era-standings.ts';
import type { MatrixReport } from '../../matrix/matrix.ts';
import { standingOf } from '../../report/summary.ts';
import { jsonText, reportDocument } from './run.ts';

/** Version of `matrix.v1.schema.json`. Minor versions may add members. */
const reportSchemaVersion = '1.2';

/** Renders a matrix as JSON that conforms to `conformance/schemas/matrix.v1.schema.json`. Ends in a line feed. */
export function renderMatrixJson(matrix: MatrixReport): string {
  return jsonText(matrixDocument(matrix));
}

/**
 * Returns the matrix as a JSON value, for embedding in other reports.
 * @param reports the report of each implementation as a JSON value. Default: rendered from the matrix
 */
export function matrixDocument(
  matrix: MatrixReport,
  reports: readonly object[] = matrix.implementations.map(({ report }) => reportDocument(report)),
): object {
  const { tool, level, verdict, implementations } = matrix;
  const byName = <T>(items: readonly (T | undefined)[]): Record<string, T | undefined> =>
    Object.fromEntries(implementations.map(({ name }, index) => [name, items[index]]));
  const inEras = standingsByEra(matrix);
  return {
    schemaVersion: reportSchemaVersion,
    kind: 'matrix',
    tool,
    startedAt: new Date(matrix.startedAt).toISOString(),
    durationMs: Math.round(matrix.durationMs),
    level,
    shard: matrix.shard,
    verdict,
    clauses: matrix.clauseRows.map(({ id, clause, standings }) => {
      const { level = 'unknown', weight = 'unknown' } = clause ?? {};
      const eras = inEras.flatMap(({ era, clauses }) => {
        const own = clauses.get(id);
        return own === undefined ? [] : [[era, byName(own)] as const];
      });
      return { clause: id, level, weight, standings: byName(standings), eras: Object.fromEntries(eras) };
    }),
    cases: matrix.cases.map(({ case: head, agreement, results }) => {
      const { id, clauses } = head;
      const standings = results.map((result) => result && standingOf(result));
      return { id, clauses, eras: erasOf(head), agreement, standings: byName(standings) };
    }),
    disagreements: matrix.cases
      .filter(({ agreement }) => agreement === 'disagreement')
      .map((row) => {
        const { answers, rows } = sideBySide(row, implementations);
        const differences = rows.map((each) => ({ ...each, actual: byName(each.actual) }));
        return { case: row.case.id, answers, differences };
      }),
    implementations: implementations.map(({ name }, index) => ({ name, report: reports[index] })),
  };
}
