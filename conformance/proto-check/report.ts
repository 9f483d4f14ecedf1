import type { ExitCode } from '../judge/verdict.ts';
import type { MatrixReport } from '../matrix/matrix.ts';
import type { Tool } from '../report/report.ts';
import { count } from '../text/text.ts';
import type { ExplainedBreak, ModuleCheck } from './proto-check.ts';
import type { Touch } from './touch.ts';
import type { VectorResult } from './vectors.ts';

/** What one implementation has to do with a change. */
export interface TouchedImplementation {
  readonly name: string;
  readonly touch: Touch;
}

/** A break, and what it touches where that was measured. */
export interface MeasuredBreak {
  readonly found: ExplainedBreak;
  readonly implementations: readonly TouchedImplementation[];
}

/** Everything that is known about a change of the contract's module. */
export interface ProtoReport {
  readonly kind: 'proto-check';
  readonly tool: Tool;
  readonly durationMs: number;
  readonly check: ModuleCheck;
  readonly breaks: readonly MeasuredBreak[];
  /** What the change as a whole touches; empty where its calls are as before, or the suite was left out. */
  readonly touched: readonly TouchedImplementation[];
  /** The suite on the implementations as they are; undefined where it was left out. */
  readonly matrix: MatrixReport | undefined;
  readonly verdict: ProtoVerdict;
}

/** One verdict over all checks. */
export interface ProtoVerdict {
  /** 1 where something is not compatible or an implementation fails, 3 where one could not be tested, else 0. */
  readonly exitCode: ExitCode;
  readonly sentence: string;
}

/** One check in a line: whether it is well, failed, without a verdict, or left out. */
export interface CheckLine {
  readonly state: 'ok' | 'FAIL' | 'stop' | 'none';
  readonly name: 'lint' | 'breaking' | 'vectors' | 'suite' | 'callers';
  readonly text: string;
}

/** Clause and case ids in one line; more are counted. */
const maxIds = 12;

/** Says what the checks prove together. */
export function judgeProto({ check, matrix, touched }: Omit<ProtoReport, 'verdict'>): ProtoVerdict {
  const { wire, json } = breaksByLayer(check);
  const total = count(check.vectors.length, 'vector');
  const differing = differingVectors(check).length;
  const said = (exitCode: ExitCode) =>
    matrix?.verdict.exitCode === exitCode ? [matrix.verdict.sentence] : [];
  const faults = [
    ...(wire > 0 ? [`${count(wire, 'break')} on the wire`] : []),
    ...(json > 0 ? [`${count(json, 'break')} in JSON`] : []),
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
  const suite = matrix?.verdict.sentence ?? 'the suite was left out';
  return { exitCode: 0, sentence: `compatible: no lint finding, no break, ${total} read alike; ${suite}` };
}

/** The checks, a line for each: lint, breaks, vectors, suite, and the callers of each implementation. */
export function checkLines({ check, matrix, touched }: ProtoReport): readonly CheckLine[] {
  const { wire, json } = breaksByLayer(check);
  const differing = differingVectors(check).length;
  const { length } = check.vectors;
  const suite = { 0: 'ok', 1: 'FAIL', 2: 'stop', 3: 'stop' } as const;
  const line = (state: CheckLine['state'], name: CheckLine['name'], text: string) => ({ state, name, text });
  return [
    line(okIf(check.lint.length === 0), 'lint', count(check.lint.length, 'finding')),
    line(okIf(check.breaks.length === 0), 'breaking', `${wire} on the wire, ${json} in JSON alone`),
    line(okIf(differing === 0), 'vectors', `${length - differing} of ${length} are read and written alike`),
    matrix === undefined
      ? line('none', 'suite', 'left out')
      : line(suite[matrix.verdict.exitCode], 'suite', matrix.verdict.sentence),
    ...touched.map(({ name, touch }) => line(stateOf(touch), 'callers', `${name}: ${touchText(touch)}`)),
  ];
}

/** The vectors that the two modules read or write differently. */
export function differingVectors({ vectors }: ModuleCheck): readonly VectorResult[] {
  return vectors.filter(({ outcome }) => outcome !== 'same');
}

/** How callers of the changed module fare on an implementation as it is. */
export function stateOf(touch: Touch): 'ok' | 'FAIL' | 'stop' {
  if (touch.kind === 'unknown') return 'stop';
  return okIf(touch.kind === 'cases' && touch.cases.length === 0);
}

/** The same in words. */
export function touchText(touch: Touch): string {
  if (touch.kind === 'unknown') return touch.reason;
  const callers = 'callers of the changed module';
  if (touch.kind === 'unreachable') return `${callers} cannot reach it: ${touch.reason}`;
  const cases = count(touch.of, 'case');
  if (touch.cases.length === 0) return `${callers} pass all ${cases}`;
  return `${callers} fail ${touch.cases.length} of ${cases}; clauses ${idList(touch.clauses)}`;
}

/** Ids in one line, of bounded length. */
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
