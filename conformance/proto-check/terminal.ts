import { type BlockStyle, verdictLines } from '../report/terminal-failure.ts';
import { cut, oneLine, wrap } from '../text/text.ts';
import {
  checkLines,
  differingVectors,
  idList,
  type MeasuredBreak,
  type ProtoReport,
  touchText,
} from './report.ts';

/** Renders a proto check for people. Lines have no line endings. */
export function protoLines(report: ProtoReport, { palette, width }: BlockStyle): readonly string[] {
  const { check, breaks, verdict } = report;
  const marks = { ok: palette.good, FAIL: palette.bad, stop: palette.caution, none: palette.faint };
  const explained = new Set(breaks.flatMap(({ found }) => found.vectors.map(({ name }) => name)));
  const unexplained = differingVectors(check).filter(({ name }) => !explained.has(name));
  return [
    '',
    ...checkLines(report).map(({ state, name, text }) => {
      const mark = marks[state]((state === 'none' ? '-' : state).padEnd(4));
      return `  ${mark}  ${name.padEnd(8)}  ${oneLine(text)}`;
    }),
    ...check.lint.flatMap(({ file, line, column, rule, message }) => [
      '',
      `${palette.bad('LINT')} ${oneLine(file)}:${line}:${column}`,
      `  ${oneLine(message)}`,
      `  ${rule}`,
    ]),
    ...breaks.flatMap((each) => ['', ...breakLines(each, { palette, width })]),
    ...unexplained.flatMap(({ name, detail, outcome }) => [
      '',
      `${palette.bad('VECTOR')} ${name} (${outcome})`,
      `  ${oneLine(detail)}`,
    ]),
    ...(check.added.length === 0 ? [] : ['', palette.strong('added (compatible)')]),
    ...check.added.map((each) => `  ${oneLine(each)}`),
    ...verdictLines(verdict, report.durationMs, { palette, width }),
  ];
}

function breakLines(
  { found, implementations }: MeasuredBreak,
  { palette, width }: BlockStyle,
): readonly string[] {
  const { clauses, vectors } = found;
  const vectorNames = idList(vectors.map(({ name }) => name));
  const facts: readonly (readonly [string, string])[] = [
    ...(clauses.length > 0 ? [['clauses', idList(clauses)] as const] : []),
    ...vectors.slice(0, 1).map(({ detail }) => ['vectors', `${vectorNames}: ${cut(detail, 300)}`] as const),
    ...implementations.map(({ name, touch }) => [name, touchText(touch)] as const),
  ];
  const nameWidth = Math.max(0, ...facts.map(([name]) => name.length));
  const place = palette.strong(`${oneLine(found.file)}:${found.line}:${found.column}`);
  return [
    `${palette.bad(palette.strong(found.layer === 'wire' ? 'WIRE' : 'JSON'))} ${place}  ${found.name}`.trimEnd(),
    `  ${oneLine(found.message)}`,
    `  ${palette.faint(found.rules.join(', '))}`,
    ...facts.flatMap(([name, text]) =>
      wrap(oneLine(text), width - nameWidth - 5).map(
        (line, index) => `  ${(index === 0 ? name : '').padEnd(nameWidth)}   ${line}`,
      ),
    ),
  ];
}
