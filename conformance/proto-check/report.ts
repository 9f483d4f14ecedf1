import type { ExitCode } from '../judge/verdict.ts';
import type { MatrixReport } from '../matrix/matrix.ts';
import type { Tool } from '../report/report.ts';
import { count } from '../text/text.ts';
import type { ExplainedBreak, ModuleCheck } from './proto-check.ts';
import type { Touch } from './touch.ts';
import type { VectorResult } from './vectors.ts';

/** The effect of a change on one implementation. */
export interface TouchedImplementation {
  readonly name: string;
  readonly touch: Touch;
}

/** A breaking change with its measured effects. */
export interface MeasuredBreak {
  readonly found: ExplainedBreak;
  readonly implementations: readonly TouchedImplementation[];
}

/** The report of a proto module check. */
export interface ProtoReport {
  readonly kind: 'proto-check';
  readonly tool: Tool;
  readonly durationMs: number;
  readonly check: ModuleCheck;
  readonly breaks: readonly MeasuredBreak[];
  /** Effects of the whole change. Empty if it does not affect calls, or the suite did not run. */
  readonly touched: readonly TouchedImplementation[];
  /** The result of the suite on the unchanged implementations. Undefined if it did not run. */
  readonly matrix: MatrixReport | undefined;
  readonly verdict: ProtoVerdict;
}

/** The verdict on all checks. */
export interface ProtoVerdict {
  /**
   * 1 if the change is incompatible or an implementation fails, otherwise 3 if one could not be tested, otherwise 0.
   */
  readonly exitCode: ExitCode;
  readonly sentence: string;
}

/** The outcome of one check, on one line. */
export interface CheckLine {
  readonly state: 'ok' | 'FAIL' | 'stop' | 'none';
  readonly name: 'lint' | 'breaking' | 'vectors' | 'suite' | 'callers';
  readonly text: string;
}

/** Maximum number of ids on a line. */
const maxIds = 12;

/** Combines the checks into one verdict. */
export function judgeProto({ check, matrix, touched }: Omit<ProtoReport, 'verdict'>): ProtoVerdict {
  const { wire, json } = breaksByLayer(check);
  const total = count(check.vectors.length, 'vector');
  const differing = differingVectors(check).length;
  const said = (exitCode: ExitCode) =>
    matrix?.verdict.exitCode === exitCode ? [matrix.verdict.sentence] : [];
  const faults = [
    ...(wire > 0 ? [`${count(wire, 'breaking change')} on the wire`] : []),
    ...(json > 0 ? [`${count(json, 'breaking change')} in JSON`] : []),
    ...(differing > 0 ? [`${differing} of ${total} read differently`] : []),
    ...(check.lint.length > 0 ? [count(check.lint.length, 'lint finding')] : []),
    ...said(1),
    ...touched.filter(({ touch }) => stateOf(touch) === 'FAIL').map(touchedInWords),
  ];
  const undecided = [
    ...said(3),
    ...touched.flatMap(({ name, touch }) => (touch.kind === 'unknown' ? [`${name}: ${touch.reason}`] : [])),
  ];
  if (faults.length > 0)
    return { exitCode: 1, sentence: `not compatible: ${[...faults, ...undecided].join('; ')}` };
  if (undecided.length > 0) return { exitCode: 3, sentence: `no verdict: ${undecided.join('; ')}` };
  const suite = matrix?.verdict.sentence ?? 'suite not run';
  return {
    exitCode: 0,
    sentence: `compatible: no lint findings, no breaking changes, ${total} read identically; ${suite}`,
  };
}

/** Returns one line per check: lint, breaking changes, vectors, suite, and the callers of each implementation. */
export function checkLines({ check, matrix, touched }: ProtoReport): readonly CheckLine[] {
  const { wire, json } = breaksByLayer(check);
  const differing = differingVectors(check).length;
  const { length } = check.vectors;
  const suite = { 0: 'ok', 1: 'FAIL', 2: 'stop', 3: 'stop' } as const;
  const line = (state: CheckLine['state'], name: CheckLine['name'], text: string) => ({ state, name, text });
  return [
    line(okIf(check.lint.length === 0), 'lint', count(check.lint.length, 'finding')),
    line(okIf(check.breaks.length === 0), 'breaking', `${wire} on the wire, ${json} only in JSON`),
    line(okIf(differing === 0), 'vectors', `${length - differing} of ${length} read and written identically`),
    matrix === undefined
      ? line('none', 'suite', 'not run')
      : line(suite[matrix.verdict.exitCode], 'suite', matrix.verdict.sentence),
    ...touched.map(({ name, touch }) => line(stateOf(touch), 'callers', `${name}: ${touchText(touch)}`)),
  ];
}

/** Returns the vectors that the two modules read or write differently. */
export function differingVectors({ vectors }: ModuleCheck): readonly VectorResult[] {
  return vectors.filter(({ outcome }) => outcome !== 'same');
}

/** Returns the outcome for callers of the changed module on an unchanged implementation. */
export function stateOf(touch: Touch): 'ok' | 'FAIL' | 'stop' {
  if (touch.kind === 'unknown') return 'stop';
  return okIf(touch.kind === 'cases' && touch.cases.length === 0);
}

/** Describes the outcome for callers of the changed module, in one line. */
export function touchText(touch: Touch): string {
  if (touch.kind === 'unknown') return touch.reason;
  const callers = 'callers of the changed module';
  if (touch.kind === 'unreachable') return `${callers} cannot reach it: ${touch.reason}`;
  const cases = count(touch.of, 'case');
  if (touch.cases.length === 0) return `${callers} pass all cases (${touch.of})`;
  return `${callers} fail ${touch.cases.length} of ${cases} (${idList(touch.clauses)})`;
}

/** Lists ids on one line, limited in number. */
export function idList(ids: readonly string[]): string {
  const shown = ids.slice(0, maxIds).join(', ');
  return ids.length > maxIds ? `${shown} and ${ids.length - maxIds} more` : shown;
}

function okIf(isWell: boolean): 'ok' | 'FAIL' {
  return isWell ? 'ok' : 'FAIL';
}

function breaksByLayer({ breaks }: ModuleCheck): { readonly wire: number; readonly json: number } {
  const wire = breaks.filter(({ layer }) => layer === 'wire').length;
  return { wire, json: breaks.length - wire };
}

function touchedInWords({ name, touch }: TouchedImplementation): string {
  return touch.kind === 'cases'
    ? `callers fail ${touch.cases.length} of ${count(touch.of, 'case')} on ${name}`
    : `callers cannot reach ${name}`;
}
