import { isTouched, type ProtoReport } from '../../proto-check/report.ts';
import { touchText } from '../../proto-check/terminal.ts';
import { matrixSuites } from './matrix.ts';
import { type JunitSuite, renderSuites } from './suites.ts';

/** A proto check as JUnit XML: lint, breaks, vectors and callers, then the suites of the matrix. */
export function renderProtoJunit({ tool, durationMs, check, touched, matrix }: ProtoReport): string {
  const startedAt = Date.now() - durationMs;
  const suite = (name: string, cases: JunitSuite['cases']): JunitSuite => ({
    name,
    timeMs: 0,
    startedAt,
    cases,
  });
  const well = (name: string): JunitSuite['cases'] => [{ name, timeMs: 0 }];
  const failure = (type: string, message: string) => ({ element: 'failure', type, message }) as const;
  const lint = check.lint.map(({ file, line, rule, message }) => ({
    name: `${file}:${line} ${rule}`,
    file,
    line,
    timeMs: 0,
    outcome: failure(rule, message),
  }));
  const breaks = check.breaks.map(({ file, line, rule, layer, name, message }) => ({
    name: `${layer} ${name || rule}`,
    file,
    line,
    timeMs: 0,
    outcome: failure(rule, message),
  }));
  const suites = [
    suite('proto lint', lint.length > 0 ? lint : well('lint')),
    suite('proto breaking', breaks.length > 0 ? breaks : well('breaking')),
    suite(
      'proto vectors',
      check.vectors.map(({ name, outcome, detail }) => ({
        name,
        timeMs: 0,
        ...(outcome === 'same' ? {} : { outcome: failure(outcome, detail) }),
      })),
    ),
    ...(touched.length === 0
      ? []
      : [
          suite(
            'proto callers',
            touched.map((each) => ({
              name: each.name,
              timeMs: 0,
              ...(isTouched(each.touch) || each.touch.kind === 'unknown'
                ? { outcome: failure('callers', touchText(each.touch)) }
                : {}),
            })),
          ),
        ]),
    ...(matrix === undefined ? [] : matrixSuites(matrix)),
  ];
  return renderSuites(suites, { name: `${tool.name} proto check`, durationMs });
}
