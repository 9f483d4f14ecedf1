import { type BlockStyle, verdictLines } from '../report/terminal-failure.ts';
import { count, cut, oneLine, wrap } from '../text/text.ts';
import { isTouched, type MeasuredBreak, type ProtoReport } from './report.ts';
import type { Touch } from './touch.ts';

/** Clause and case ids in one line; more are counted. */
const maxIds = 12;

/** The outcome of a proto check for people. Lines without line ends. */
export function protoLines(report: ProtoReport, { palette, width }: BlockStyle): readonly string[] {
  const { check, breaks, touched, matrix, verdict } = report;
  const wire = check.breaks.filter(({ layer }) => layer === 'wire').length;
  const differing = check.vectors.filter(({ outcome }) => outcome !== 'same');
  const row = (state: 'ok' | 'FAIL' | 'stop' | 'none', name: string, said: string): string => {
    const marks = { ok: palette.good, FAIL: palette.bad, stop: palette.caution, none: palette.faint };
    return `  ${marks[state](state === 'none' ? '-   ' : state.padEnd(4))}  ${name.padEnd(8)}  ${oneLine(said)}`;
  };
  const lines = [
    '',
    row(check.lint.length === 0 ? 'ok' : 'FAIL', 'lint', count(check.lint.length, 'finding')),
    row(
      check.breaks.length === 0 ? 'ok' : 'FAIL',
      'breaking',
      `${wire} on the wire, ${check.breaks.length - wire} in JSON alone`,
    ),
    row(
      differing.length === 0 ? 'ok' : 'FAIL',
      'vectors',
      `${check.vectors.length - differing.length} of ${check.vectors.length} are read and written alike`,
    ),
    ...(matrix === undefined
      ? [row('none', 'suite', 'left out')]
      : [
          row(
            matrix.verdict.exitCode === 0 ? 'ok' : matrix.verdict.exitCode === 1 ? 'FAIL' : 'stop',
            'suite',
            matrix.verdict.sentence,
          ),
        ]),
    ...touched.map((each) => {
      const state = each.touch.kind === 'unknown' ? 'stop' : isTouched(each.touch) ? 'FAIL' : 'ok';
      return row(state, 'callers', `${each.name}: ${touchText(each.touch)}`);
    }),
  ];
  for (const { file, line, column, rule, message } of check.lint) {
    lines.push(
      '',
      `${palette.bad('LINT')} ${oneLine(file)}:${line}:${column}`,
      `  ${oneLine(message)}`,
      `  ${rule}`,
    );
  }
  for (const each of breaks) lines.push('', ...breakLines(each, { palette, width }));
  // A vector that no break explains.
  const explained = new Set(breaks.flatMap(({ found }) => found.vectors.map(({ name }) => name)));
  for (const { name, detail, outcome } of differing.filter((vector) => !explained.has(vector.name))) {
    lines.push('', `${palette.bad('VECTOR')} ${name} (${outcome})`, `  ${oneLine(detail)}`);
  }
  return [...lines, ...verdictLines(verdict, report.durationMs, { palette, width })];
}

function breakLines(
  { found, implementations }: MeasuredBreak,
  { palette, width }: BlockStyle,
): readonly string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['named by', some(found.clauses)],
    [
      'vectors',
      found.vectors.length === 0
        ? ''
        : `${some(found.vectors.map(({ name }) => name))}: ${cut(found.vectors[0]?.detail ?? '', 300)}`,
    ],
    ...implementations.map(({ name, touch }) => [name, touchText(touch)] as const),
  ];
  const shown = facts.filter(([, text]) => text !== '');
  const nameWidth = Math.max(0, ...shown.map(([name]) => name.length));
  return [
    `${palette.bad(palette.strong(found.layer === 'wire' ? 'WIRE' : 'JSON'))} ${palette.strong(
      `${oneLine(found.file)}:${found.line}:${found.column}`,
    )}${found.name === '' ? '' : `  ${found.name}`}`,
    `  ${oneLine(found.message)}`,
    `  ${palette.faint(found.rules.join(', '))}`,
    ...shown.flatMap(([name, text]) => {
      const [first = '', ...rest] = wrap(oneLine(text), width - nameWidth - 5);
      return [
        `  ${name.padEnd(nameWidth)}   ${first}`,
        ...rest.map((line) => `${' '.repeat(nameWidth + 5)}${line}`),
      ];
    }),
  ];
}

/** What callers of the changed module see of an implementation as it is. */
export function touchText(touch: Touch): string {
  switch (touch.kind) {
    case 'unreachable':
      return `callers of the changed module cannot reach it: ${touch.reason}`;
    case 'unknown':
      return touch.reason;
    case 'cases':
      if (touch.cases.length === 0)
        return `callers of the changed module pass all ${count(touch.of, 'case')}`;
      return `callers of the changed module fail ${touch.cases.length} of ${count(touch.of, 'case')}; clauses ${some(touch.clauses)}`;
  }
}

function some(ids: readonly string[]): string {
  const shown = ids.slice(0, maxIds).join(', ');
  return ids.length > maxIds ? `${shown} and ${ids.length - maxIds} more` : shown;
}
