import { groupBy } from '../../base/group.ts';
import type { CaseHead } from '../case/case.ts';
import { type Era, eras, erasOf } from '../case/era.ts';
import { newestRelease } from '../case/release.ts';
import { type EraSummary, eraSummaries } from '../report/era-summary.ts';
import { type ClauseStanding, type Standing, standingOf, targetInWords } from '../report/summary.ts';
import { duration } from '../text/text.ts';
import type { SideBySide } from './answers.ts';
import type { Implementation, MatrixReport } from './matrix.ts';

export interface Cell {
  readonly text: string;
  /** The meaning of the cell, from which each report format derives the markup. */
  readonly tone: 'good' | 'bad' | 'caution' | 'faint' | 'plain';
}

/** A table. The first column names the row. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Returns the table of implementations: target, server, eras, durations and outcome. */
export function implementationTable(matrix: MatrixReport): Table {
  const inEras = <Item>(item: Item): readonly Item[] => (checksModern(matrix) ? [item] : []);
  const facts = ['implementation', 'target', 'server', 'contract', ...inEras('eras')];
  return {
    head: [...facts, 'ready after', 'start to verdict', 'outcome'],
    rows: matrix.implementations.map(({ name, report }) => {
      if (report.kind === 'no-target') {
        const texts = [name, report.target.label, '', '', ...inEras(''), '', duration(report.durationMs)];
        return [...texts.map(plain), cell('could not be tested', 'caution')];
      }
      const { target, durationMs } = report.run;
      const { counts, exitCode } = report.verdict;
      const ready = target.readyMs === undefined ? '' : duration(target.readyMs);
      const server = targetInWords(target).server ?? '';
      const contract = target.contract?.release ?? '';
      const checked = inEras(target.eras?.checked.join(', ') ?? '');
      const texts = [name, target.label, server, contract, ...checked, ready, duration(durationMs)];
      const outcome = `${counts.passed} of ${counts.total - counts.notDeclared} passed`;
      const tone = exitCode === 0 ? 'good' : exitCode === 1 ? 'bad' : 'caution';
      return [...texts.map(plain), cell(outcome, tone)];
    }),
  };
}

/**
 * Returns the cases passed and the clauses held per era and implementation. Without rows if no implementation was
 * checked in the modern era.
 */
export function eraTable(matrix: MatrixReport): Table {
  const { implementations, clauses } = matrix;
  const summaries = implementations.map(({ report }) =>
    report.kind === 'run' ? eraSummaries(report.run, clauses) : [],
  );
  const row = (era: Era, noun: string, cellOf: (summary: EraSummary) => Cell): readonly Cell[] => [
    plain(`${era} ${noun}`),
    ...summaries.map((own, index) => {
      const summary = own.find((each) => each.era === era);
      if (summary !== undefined) return cellOf(summary);
      return implementations[index]?.report.kind === 'run'
        ? cell('not checked', 'faint')
        : cell('not tested', 'caution');
    }),
  ];
  return {
    head: ['era', ...implementations.map(({ name }) => name)],
    rows: (checksModern(matrix) ? eras : []).flatMap((era) => [
      row(era, 'cases', ({ cases: { total, passed, failing } }) =>
        cell(`${passed} of ${total} passed`, failing > 0 ? 'bad' : passed === total ? 'good' : 'caution'),
      ),
      row(era, 'clauses', ({ clauses: { checked, held, violated } }) =>
        cell(
          `${held} of ${checked} held`,
          violated.length > 0 ? 'bad' : held === checked ? 'good' : 'caution',
        ),
      ),
    ]),
  };
}

/** Returns whether an implementation was checked in the modern era. */
function checksModern({ implementations }: MatrixReport): boolean {
  return implementations.some(
    ({ report }) => report.kind === 'run' && report.run.target.eras?.checked.includes('modern') === true,
  );
}

/** Returns the number of clauses held per chapter and implementation: `13`, or `12 of 13`. */
export function chapterTable({ implementations, clauseRows }: MatrixReport): Table {
  const chapters = groupBy(clauseRows, ({ id }) => id.replace(/-\d+$/, ''));
  return {
    head: ['clauses held', ...implementations.map(({ name }) => name)],
    rows: [...chapters].map(([chapter, rows]) => [
      plain(chapter),
      ...implementations.map((tested, index) =>
        heldCell(
          rows.map(({ standings }) => standings[index]),
          tested,
        ),
      ),
    ]),
  };
}

function heldCell(standings: readonly (ClauseStanding | undefined)[], tested: Implementation): Cell {
  if (standings.every((standing) => standing === undefined)) return standingCell(undefined, tested);
  const binding = standings.filter((standing) => standing !== undefined && standing !== 'not declared');
  if (binding.length === 0) return standingCell('not declared', tested);
  const held = binding.filter((standing) => standing === 'held').length;
  if (held === binding.length) return cell(`${held}`, 'good');
  return cell(`${held} of ${binding.length}`, binding.includes('violated') ? 'bad' : 'caution');
}

/** Returns the table of clauses: all of them, those not held by all implementations, or those violated by one. */
export function clauseTable(
  { implementations, clauseRows }: MatrixReport,
  which: 'all' | 'not held' | 'broken',
): Table {
  const isShown = (standing: ClauseStanding | undefined): boolean =>
    standing !== undefined && (which === 'all' || clauseTroubles[which].includes(standing));
  return {
    head: ['clause', 'level', 'weight', ...implementations.map(({ name }) => name)],
    rows: clauseRows
      .filter(({ standings }) => standings.some(isShown))
      .map(({ id, clause, standings }) => [
        ...[id, clause?.level ?? 'unknown', clause?.weight ?? 'unknown'].map(plain),
        ...standings.map((standing, index) => standingCell(standing, implementations[index])),
      ]),
  };
}

const broken: readonly ClauseStanding[] = ['violated', 'known failure', 'not followed'];
const clauseTroubles = { broken, 'not held': [...broken, 'partly held', 'not proven'] };

/** Returns the table of cases: all of them, those not passed by all implementations, or those failed by one. */
export function caseTable(matrix: MatrixReport, which: 'all' | 'not passed' | 'failed'): Table {
  const { implementations, cases } = matrix;
  const eraCells = (head: CaseHead) => (checksModern(matrix) ? [erasOf(head).join(', ')] : []);
  const rows = cases.map(({ case: head, results }) => {
    return { head, standings: results.map((result) => result && standingOf(result)) };
  });
  const isShown = (standing: Standing | undefined): boolean =>
    standing !== undefined && (which === 'all' || !well[which].includes(standing));
  return {
    head: [
      'case',
      'clause',
      ...(checksModern(matrix) ? ['era'] : []),
      ...implementations.map(({ name }) => name),
    ],
    rows: rows
      .filter(({ standings }) => standings.some(isShown))
      .map(({ head, standings }) => [
        ...[head.id, head.clauses[0] ?? '', ...eraCells(head)].map(plain),
        ...standings.map((standing, index) => standingCell(standing, implementations[index])),
      ]),
  };
}

/** Returns the table of differences from the expected response. */
export function differenceTable({ answers, rows }: SideBySide): Table {
  return {
    head: ['difference', 'expected', ...answers.map(({ implementation }) => implementation)],
    rows: rows.map(({ path, expected, actual }) => [
      plain(path || '(entire value)'),
      cell(expected, 'good'),
      ...answers.map(({ outcome }, index) => {
        const text = actual[index];
        return text === undefined
          ? cell(outcome === 'passed' ? 'as expected' : '', 'faint')
          : cell(text, 'bad');
      }),
    ]),
  };
}

/** Standings of cases that a table omits. Skipped cases are reported by reason, for each implementation. */
const well: Readonly<Record<'not passed' | 'failed', readonly Standing[]>> = {
  'not passed': ['passed', 'not declared'],
  failed: ['passed', 'not declared', 'skipped', 'not run'],
};

/**
 * Renders a standing. Undefined for an implementation that could not be tested, or whose release of the contract or
 * eras do not contain the clause or the case.
 */
function standingCell(
  standing: Standing | ClauseStanding | undefined,
  tested: Implementation | undefined,
): Cell {
  if (standing === undefined) {
    if (tested?.report.kind !== 'run') return cell('not tested', 'caution');
    const { contract } = tested.report.run.target;
    const isOlder = contract !== undefined && contract.release !== newestRelease;
    return cell(isOlder ? 'other release' : 'other era', 'faint');
  }
  return cell(standing, tones[standing] ?? 'caution');
}

const tones: Readonly<Partial<Record<Standing | ClauseStanding, Cell['tone']>>> = {
  passed: 'good',
  held: 'good',
  failed: 'bad',
  unstable: 'bad',
  stale: 'bad',
  violated: 'bad',
  'not declared': 'faint',
};

function plain(text: string): Cell {
  return cell(text, 'plain');
}

function cell(text: string, tone: Cell['tone']): Cell {
  return { text, tone };
}
