import type { MatrixPage } from '../../../data/matrix.ts';
import type {
  BreakJson,
  ProtoCheckPage,
  ProtoCheckReportJson,
  TouchedJson,
} from '../../../data/proto-check.ts';
import type { Tone } from '../../model/standing.ts';
import { count } from '../../model/words.ts';
import { type MatrixModel, matrixModelOf } from '../matrix/matrix-model.ts';

/** A breaking change with its number in the report, from 1. */
export interface Break extends BreakJson {
  readonly number: number;
}

/** The outcome of one check. */
export interface CheckRow {
  readonly name: string;
  readonly tone: Tone;
  readonly text: string;
  readonly href?: string;
}

/** The proto check, indexed for views. */
export interface ProtoModel {
  readonly report: ProtoCheckReportJson;
  readonly breaks: readonly Break[];
  /** Vectors that the two modules read or write differently. */
  readonly differing: ProtoCheckReportJson['vectors'];
  readonly contract: ReadonlyMap<string, string>;
  /** The suite on the unchanged implementations. Undefined if it did not run. */
  readonly matrix?: MatrixModel;
}

/** Indexes a proto check. */
export function protoModelOf({
  report,
  contract = [],
  provenance,
  schemaVersion,
}: Omit<ProtoCheckPage, 'evidence'>): ProtoModel {
  const page: Omit<MatrixPage, 'evidence'> | undefined = report.matrix && {
    kind: 'matrix',
    schemaVersion,
    report: report.matrix,
    contract,
    provenance,
  };
  return {
    report,
    breaks: report.breaks.map((each, index) => ({ ...each, number: index + 1 })),
    differing: report.vectors.filter(({ outcome }) => outcome !== 'same'),
    contract: new Map(contract.map(({ id, text }) => [id, text])),
    matrix: page && matrixModelOf(page),
  };
}

/** Returns the outcome of each check, in the order in which they run. */
export function checksOf({ report, differing, matrix }: ProtoModel): readonly CheckRow[] {
  const { lint, breaks, vectors, touched } = report;
  const toneIf = (isWell: boolean): Tone => (isWell ? 'passed' : 'failed');
  const onWire = breaks.filter(({ layer }) => layer === 'wire').length;
  const tones: Readonly<Record<number, Tone>> = { 0: 'passed', 1: 'failed' };
  const suite: CheckRow =
    matrix === undefined
      ? { name: 'Suite', tone: 'skipped', text: 'not run' }
      : {
          name: 'Suite',
          tone: tones[matrix.report.verdict.exitCode] ?? 'blocked',
          text: matrix.report.verdict.sentence,
          href: '#/matrix',
        };
  return [
    { name: 'Lint', tone: toneIf(lint.length === 0), text: count(lint.length, 'finding') },
    {
      name: 'Breaking changes',
      tone: toneIf(breaks.length === 0),
      text: `${onWire} on the wire, ${breaks.length - onWire} only in JSON`,
    },
    {
      name: 'Vectors',
      tone: toneIf(differing.length === 0),
      text: `${vectors.length - differing.length} of ${vectors.length} read and written identically`,
    },
    suite,
    ...touched.map((each) => ({
      name: `Callers of ${each.name}`,
      tone: touchTone(each),
      text: touchText(each),
    })),
  ];
}

/** Returns the colour of the outcome for callers of the changed module. */
export function touchTone({ kind, cases = [] }: TouchedJson): Tone {
  if (kind === 'unknown') return 'blocked';
  return kind === 'cases' && cases.length === 0 ? 'passed' : 'failed';
}

/** Describes the outcome for callers of the changed module in a few words. */
export function touchText({ kind, cases = [], of = 0, reason = '' }: TouchedJson): string {
  if (kind === 'unknown') return reason;
  if (kind === 'unreachable') return `callers cannot reach it: ${reason}`;
  return cases.length === 0
    ? `all ${count(of, 'case')} pass`
    : `${cases.length} of ${count(of, 'case')} fail`;
}
