import { renderMatrixJson } from '../matrix/json.ts';
import { matrixSuites } from '../matrix/junit.ts';
import { type JunitSuite, renderSuites } from '../report/junit.ts';
import { inline, listLines, markdownText, table } from '../report/markdown.ts';
import { duration } from '../text/text.ts';
import {
  checkLines,
  differingVectors,
  type MeasuredBreak,
  type ProtoReport,
  stateOf,
  type TouchedImplementation,
  touchText,
} from './report.ts';

/** The version of the form, `proto-check.v1.schema.json`. Members may be added in 1.x. */
const reportSchemaVersion = '1.0';

/** A proto check as JSON, for `conformance/schemas/proto-check.v1.schema.json`. Ends in a line feed. */
export function renderProtoJson(report: ProtoReport): string {
  const { tool, durationMs, check, breaks, touched, matrix, verdict } = report;
  const touches = (all: readonly TouchedImplementation[]) =>
    all.map(({ name, touch }) => ({ name, ...touch }));
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
      const { layer, file, line, column, name, rules, message, clauses } = found;
      const vectors = found.vectors.map((vector) => vector.name);
      const head = { layer, file, line, column, element: name, rules, message, clauses, vectors };
      return { ...head, implementations: touches(implementations) };
    }),
    vectors: check.vectors,
    touched: touches(touched),
    matrix: matrix && JSON.parse(renderMatrixJson(matrix)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** A proto check as JUnit XML: lint, breaks, vectors and callers, then the suites of the matrix. */
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

/** A proto check as Markdown, of bounded size. Ends in a line feed. */
export function renderProtoMarkdown(report: ProtoReport): string {
  const { check, breaks, verdict, tool } = report;
  const signs = { 0: '✅', 1: '❌', 2: '⚠️', 3: '⚠️' } as const;
  const marks = { ok: '✅', FAIL: '❌', stop: '❌', none: '➖' } as const;
  return markdownText([
    '# Change of the proto module',
    '',
    `${signs[verdict.exitCode]} **${inline(verdict.sentence)}**`,
    '',
    `${inline(check.module)} against ${inline(check.against)}`,
    '',
    ...table(
      ['', 'Check', 'Outcome'],
      checkLines(report).map(({ state, name, text }) => [marks[state], name, inline(text)]),
    ),
    ...breaks.flatMap(breakSection),
    ...listLines(
      'Lint',
      check.lint.map(
        ({ file, line, message, rule }) => `\`${file}:${line}\` ${inline(message)} (${inline(rule)})`,
      ),
    ),
    ...listLines(
      'Vectors that are read differently',
      differingVectors(check).map(
        ({ name, outcome, detail }) => `\`${name}\` (${outcome}): ${inline(detail)}`,
      ),
    ),
    '',
    `${duration(report.durationMs)}, ${tool.name} ${tool.version}`,
  ]);
}

function breakSection({ found, implementations }: MeasuredBreak): readonly string[] {
  const { layer, name, rule, rules, file, line, column, message, clauses, vectors } = found;
  const vectorNames = vectors.map((vector) => `\`${vector.name}\``).join(', ');
  return [
    '',
    `## ${layer === 'wire' ? 'On the wire' : 'In JSON'}: ${inline(name || rule)}`,
    '',
    `\`${file}:${line}:${column}\` ${inline(message)} (${rules.map(inline).join(', ')})`,
    '',
    ...(clauses.length > 0 ? [`- clauses that name it: ${clauses.join(', ')}`] : []),
    ...vectors.slice(0, 1).map(({ detail }) => `- vectors: ${vectorNames}: ${inline(detail)}`),
    ...implementations.map((each) => `- ${inline(each.name)}: ${inline(touchText(each.touch))}`),
  ];
}
