import { junitSuites, renderSuites } from '../report/junit.ts';
import type { MatrixReport } from './matrix.ts';

/** A matrix as JUnit XML: the suites of every implementation, each with the implementation's name before its own. */
export function renderMatrixJunit({ implementations, tool, durationMs }: MatrixReport): string {
  const suites = implementations.flatMap(({ name, report }) =>
    junitSuites(report).map((suite) => ({ ...suite, name: `${name} · ${suite.name}` })),
  );
  return renderSuites(suites, { name: `${tool.name} matrix`, durationMs });
}
