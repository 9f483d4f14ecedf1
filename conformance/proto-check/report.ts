import type { ExitCode } from '../judge/verdict.ts';
import type { MatrixReport } from '../matrix/matrix.ts';
import type { Tool } from '../report/report.ts';
import { count } from '../text/text.ts';
import type { ExplainedBreak, ModuleCheck } from './proto-check.ts';
import type { Touch } from './touch.ts';

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

/** Says what the checks prove together. */
export function judgeProto(report: Omit<ProtoReport, 'verdict'>): ProtoVerdict {
  const { check, matrix, touched } = report;
  const wire = check.breaks.filter(({ layer }) => layer === 'wire').length;
  const json = check.breaks.length - wire;
  const vectors = check.vectors.filter(({ outcome }) => outcome !== 'same').length;
  const faults = [
    ...(wire > 0 ? [`${count(wire, 'break')} on the wire`] : []),
    ...(json > 0 ? [`${count(json, 'break')} in JSON`] : []),
    ...(vectors > 0 ? [`${vectors} of ${count(check.vectors.length, 'vector')} read differently`] : []),
    ...(check.lint.length > 0 ? [count(check.lint.length, 'lint finding')] : []),
    ...(matrix?.verdict.exitCode === 1 ? [matrix.verdict.sentence] : []),
    ...touched.filter(({ touch }) => isTouched(touch)).map(touchedInWords),
  ];
  const undecided = [
    ...(matrix?.verdict.exitCode === 3 ? [matrix.verdict.sentence] : []),
    ...touched.flatMap(({ name, touch }) => (touch.kind === 'unknown' ? [`${name}: ${touch.reason}`] : [])),
  ];
  if (faults.length > 0)
    return { exitCode: 1, sentence: `not compatible: ${[...faults, ...undecided].join('; ')}` };
  if (undecided.length > 0) return { exitCode: 3, sentence: `no verdict: ${undecided.join('; ')}` };
  const suite = matrix === undefined ? 'the suite was left out' : matrix.verdict.sentence;
  const alike = `${count(check.vectors.length, 'vector')} read alike`;
  return { exitCode: 0, sentence: `compatible: no lint finding, no break, ${alike}; ${suite}` };
}

export function isTouched(touch: Touch): boolean {
  return touch.kind === 'unreachable' || (touch.kind === 'cases' && touch.cases.length > 0);
}

function touchedInWords({ name, touch }: TouchedImplementation): string {
  return touch.kind === 'cases'
    ? `callers fail ${touch.cases.length} of ${count(touch.of, 'case')} on ${name}`
    : `callers cannot reach ${name}`;
}
