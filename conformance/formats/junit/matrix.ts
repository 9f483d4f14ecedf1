import type { MatrixReport } from '../../matrix/matrix.ts';
import { junitSuites } from './run.ts';
import { type JunitSuite, renderSuites } from './suites.ts';

/** A matrix as JUnit XML: the suites of every implementation, each with the implementation's name before its own. */
export function renderMatrixJunit(matrix: MatrixReport): string {
  const { tool, durationMs } = matrix;
  return renderSuites(matrixSuites(matrix), { name: `${tool.name} matrix`, durationMs });
}

/** The same suites, for reports that hold a matrix. */
export function matrixSuites({ implementations }: MatrixReport): readonly JunitSuite[] {
  return implementations.flatMap(({ name, report }) =>
    junitSuites(report).map((suite) => ({ ...suite, name: `${name} · ${suite.name}` })),
  );
}
