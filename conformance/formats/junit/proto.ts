import { type ProtoReport, stateOf, touchText } from '../../proto-check/report.ts';
import { matrixSuites } from './run.ts';
import { type JunitSuite, renderSuites } from './suites.ts';

/** Renders a proto check as JUnit XML: lint, breaking changes, vectors and callers, then the suites of the matrix. */
export function renderProtoJunit({ tool, durationMs, check, touched, matrix }: ProtoReport): string {
  const startedAt = Date.now() - durationMs;
  type Cases = JunitSuite['cases'];
  const suite = (name: string, cases: Cases): JunitSuite => ({ name, timeMs: 0, startedAt, cases });
  const failure = (type: string, message: string) => ({ element: 'failure', type, message }) as const;
  const well = (name: string): Cases => [{ name, timeMs: 0 }];
  const lint = check.lint.map(({ file, line, rule, message }) => {
    return { name: `${file}:${line} ${rule}`, file, line, timeMs: 0, outcome: failure(rule, message) };
  });
  const breaks = check.breaks.map(({ file, line, rule, layer, name, message }) => {
    return { name: `${layer} ${name || rule}`, file, line, timeMs: 0, outcome: failure(rule, message) };
  });
  const vectors = check.vectors.map(({ name, outcome, detail }) => {
    return { name, timeMs: 0, outcome: outcome === 'same' ? undefined : failure(outcome, detail) };
  });
  const callers = touched.map(({ name, touch }) => {
    const outcome = stateOf(touch) === 'ok' ? undefined : failure('callers', touchText(touch));
    return { name, timeMs: 0, outcome };
  });
  const suites = [
    suite('proto lint', lint.length > 0 ? lint : well('lint')),
    suite('proto breaking', breaks.length > 0 ? breaks : well('breaking')),
    suite('proto vectors', vectors),
    ...(callers.length > 0 ? [suite('proto callers', callers)] : []),
    ...(matrix === undefined ? [] : matrixSuites(matrix)),
  ];
  return renderSuites(suites, { name: `${tool.name} proto check`, durationMs });
}
