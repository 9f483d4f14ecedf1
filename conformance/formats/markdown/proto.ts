import { isTouched, type ProtoReport } from '../../proto-check/report.ts';
import { touchText } from '../../proto-check/terminal.ts';
import { count, duration } from '../../text/text.ts';
import { inline, listLines, markdownText, sign, table } from './markup.ts';

/** A proto check as Markdown, of bounded size. Ends in a line feed. */
export function renderProtoMarkdown(report: ProtoReport): string {
  const { check, breaks, touched, matrix, verdict, tool } = report;
  const differing = check.vectors.filter(({ outcome }) => outcome !== 'same');
  const wire = check.breaks.filter(({ layer }) => layer === 'wire').length;
  const mark = (isWell: boolean): string => (isWell ? '✅' : '❌');
  return markdownText([
    '# Change of the proto module',
    '',
    `${sign(verdict.exitCode)} **${inline(verdict.sentence)}**`,
    '',
    `${inline(check.module)} against ${inline(check.against)}`,
    '',
    ...table(
      ['', 'Check', 'Outcome'],
      [
        [mark(check.lint.length === 0), 'lint', count(check.lint.length, 'finding')],
        [
          mark(check.breaks.length === 0),
          'breaking',
          `${wire} on the wire, ${check.breaks.length - wire} in JSON alone`,
        ],
        [
          mark(differing.length === 0),
          'vectors',
          `${check.vectors.length - differing.length} of ${check.vectors.length} are read and written alike`,
        ],
        matrix === undefined
          ? ['➖', 'suite', 'left out']
          : [mark(matrix.verdict.exitCode === 0), 'suite', inline(matrix.verdict.sentence)],
        ...touched.map((each) => [
          mark(!isTouched(each.touch) && each.touch.kind !== 'unknown'),
          'callers',
          inline(`${each.name}: ${touchText(each.touch)}`),
        ]),
      ],
    ),
    ...breaks.flatMap(({ found, implementations }) => [
      '',
      `## ${found.layer === 'wire' ? 'On the wire' : 'In JSON'}: ${inline(found.name || found.rule)}`,
      '',
      `\`${found.file}:${found.line}:${found.column}\` ${inline(found.message)} (${found.rules.map(inline).join(', ')})`,
      '',
      ...[
        found.clauses.length > 0 ? [`- clauses that name it: ${found.clauses.join(', ')}`] : [],
        found.vectors.length > 0
          ? [
              `- vectors: ${found.vectors.map(({ name }) => `\`${name}\``).join(', ')}: ${inline(found.vectors[0]?.detail ?? '')}`,
            ]
          : [],
        implementations.map((each) => `- ${inline(each.name)}: ${inline(touchText(each.touch))}`),
      ].flat(),
    ]),
    ...listLines(
      'Lint',
      check.lint.map(
        ({ file, line, message, rule }) => `\`${file}:${line}\` ${inline(message)} (${inline(rule)})`,
      ),
    ),
    ...listLines(
      'Vectors that are read differently',
      differing.map(({ name, outcome, detail }) => `\`${name}\` (${outcome}): ${inline(detail)}`),
    ),
    '',
    `${duration(report.durationMs)}, ${tool.name} ${tool.version}`,
  ]);
}
